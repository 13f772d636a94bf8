import { describe, expect, test } from '@jest/globals';
import { adapterConformance } from '@parley/testing';
import { crispHarness } from './harness.js';

const { absent } = await adapterConformance({ name: 'crisp', test, describe, setup: crispHarness });

test('nothing is left out', () => {
  expect(absent).toEqual([]);
});
