import { describe, expect, test } from '@jest/globals';
import { adapterConformance } from '@parley/testing';
import { web1on1Harness } from './harness.js';

const { absent } = await adapterConformance({ name: 'web1on1', test, describe, setup: web1on1Harness });

test('nothing is left out but the feed, which Web1on1 has none of', () => {
  expect(absent).toEqual([expect.stringContaining('feed')]);
});
