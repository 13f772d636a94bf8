import { describe, test } from '@jest/globals';
import { memoryEngine } from '@parley/core';
import { engineConformance, virtualClock } from '../src/index.js';

engineConformance({
  name: 'memory',
  test,
  describe,
  setup: (settings) => {
    const clock = virtualClock();
    const engine = memoryEngine({ ...settings, clock });
    return { engine, pass: (ms) => clock.advance(ms), close: () => engine.close() };
  },
});
