export type { ServedBot, WebhookBot } from './bot.js';
export type { HandleOptions } from './handle.js';
export { handle } from './handle.js';
export type { ParleyPluginOptions } from './plugin.js';
export { parleyPlugin } from './plugin.js';
export type { BotServer, ServeOptions } from './serve.js';
export { serve } from './serve.js';
