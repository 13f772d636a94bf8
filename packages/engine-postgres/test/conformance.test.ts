import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { engineConformance } from '@parley/testing';
import { postgres } from '../src/index.js';
import { type Server, startServer } from './server.js';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.close();
});

engineConformance({
  name: 'postgres',
  test,
  describe,
  setup: async (settings) => {
    const engine = postgres({ ...settings, connectionString: await server.database() });
    return { engine, pass: (ms) => wait(ms), close: () => engine.close() };
  },
});
