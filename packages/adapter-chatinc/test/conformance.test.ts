import { describe, expect, test } from '@jest/globals';
import { adapterConformance } from '@parley/testing';
import { chatincHarness } from './harness.js';

const { cases } = await adapterConformance({ name: 'chatinc', test, describe, setup: chatincHarness });

test('what is promised of every call holds here too', () => {
  expect(cases).toEqual(expect.arrayContaining(['shows no secret and no text in any error']));
});
