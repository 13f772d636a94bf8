import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Engine } from '@parley/core';
import { engineConformance } from '@parley/testing';
import { postgres } from '../src/index.js';
import { type Databases, databases } from './databases.js';
import { type Link, link } from './link.js';

let server: Databases;
beforeAll(async () => {
  server = await databases();
});
afterAll(async () => {
  await server.close();
});

engineConformance({
  name: 'postgres',
  test,
  describe,
  durable: true,
  shared: true,
  setup: async (settings) => {
    const database = await server.database();
    const engines: Engine[] = [];
    const links: Link[] = [];
    const open = async (): Promise<Engine> => {
      const wire = await link(database);
      const engine = postgres({ ...settings, connectionString: wire.url, takeOverAfterMs: 800 });
      links.push(wire);
      engines.push(engine);
      return engine;
    };
    return {
      engine: await open(),
      pass: (ms) => wait(ms),
      another: open,
      crash: () => {
        links.at(-1)?.cut();
        return open();
      },
      async close() {
        for (const engine of engines) await engine.close();
        for (const wire of links) await wire.close();
      },
    };
  },
});
