export type { AccountConfig, EngineConfig, FromEnvironment, ParleyConfig, UsedPackage } from './config.js';
export { defineConfig } from './config.js';
export type { EngineChoice } from './engine.js';
export { engineChoiceOf, openEngine } from './engine.js';
export type { LoadedConfig, LoadOptions, TalkingAccounts } from './load.js';
export { loadAccounts, loadConfig, loadEngineChoice } from './load.js';
export type { AdapterFactory, EngineFactory, ParleyPackage, ProjectPlace } from './used-package.js';
