export type * from './plan-report.js';
export type * from './run-report.js';
export type * from './spec.js';
