import { describe, test } from '@jest/globals';
import type { Engine } from '@parley/core';
import { engineConformance } from '@parley/testing';
import { sqlite } from '../src/index.js';
import { copyOf } from './copy-of.js';
import { steppingClock } from './stepping-clock.js';
import { tempFolder } from './temp-folder.js';

engineConformance({
  name: 'sqlite',
  test,
  describe,
  durable: true,
  setup: (settings) => {
    const folder = tempFolder();
    const clock = steppingClock();
    let file = folder.path('bot.db');
    const engines: Engine[] = [];
    const open = (): Engine => {
      const engine = sqlite(file, { ...settings, clock });
      engines.push(engine);
      return engine;
    };
    return {
      engine: open(),
      pass: (ms) => clock.pass(ms),
      crash: async () => {
        file = copyOf(file, folder.path(`bot-${engines.length}.db`));
        return open();
      },
      close: async () => {
        for (const engine of engines) await engine.close();
        folder.remove();
      },
    };
  },
});
