import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eachMessage } from '../src/client/paging.js';

interface Said {
  fingerprint: number;
  at: number;
  isDated: boolean;
}

/** A platform that knows when everything was said, and does not always tell. */
function platform(said: readonly Said[], size: number, newestFirst: boolean) {
  const ascending = said.toSorted((a, b) => a.at - b.at);
  return async ({ timestamp_before: before = Number.POSITIVE_INFINITY }: { timestamp_before?: number }) => {
    const earlier = ascending.filter(({ at }) => at < before);
    const items = earlier
      .slice(-size)
      .map(({ fingerprint, at, isDated }) => ({ fingerprint, ...(isDated && { timestamp: at }) }));
    return { items: newestFirst ? items.toReversed() : items, more: earlier.length > size };
  };
}

const read = async (...given: Parameters<typeof eachMessage>): Promise<number[]> =>
  (await Array.fromAsync(eachMessage(...given))).map((item) => (item as Said).fingerprint);

test('messages come once each, newest first, also around those that have no time', async () => {
  const gaps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), isDated: fc.boolean() }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(gaps, fc.integer({ min: 3, max: 7 }), fc.boolean(), async (given, size, newestFirst) => {
      let at = 1_000;
      const said = given.map(({ gap, isDated }, index) => {
        at += gap;
        // Of any three that follow each other, one has a time: a batch without any cannot be passed.
        return { fingerprint: index, at, isDated: isDated || index % 3 === 0 };
      });
      const heard = await read(platform(said, size, newestFirst));
      expect(heard.toSorted((a, b) => a - b)).toEqual(said.map(({ fingerprint }) => fingerprint));
      const dated = heard.filter((fingerprint) => said[fingerprint]?.isDated);
      expect(dated).toEqual(dated.toSorted((a, b) => b - a));
    }),
  );
});

test('a list that cannot be asked for to its end never looks complete', async () => {
  const undated = Array.from({ length: 6 }, (_, index) => ({
    fingerprint: index,
    at: index,
    isDated: false,
  }));
  await expect(read(platform(undated, 5, true))).rejects.toMatchObject({ code: 'ERR_UNEXPECTED_PAYLOAD' });
});

test('it is told when a millisecond fills a batch, and what is older still comes', async () => {
  const said = Array.from({ length: 9 }, (_, index) => ({
    fingerprint: index,
    at: index < 2 ? index : 100,
    isDated: true,
  }));
  let told = 0;
  const heard = await read(platform(said, 5, false), {}, () => {
    told += 1;
  });
  expect(heard).toEqual([8, 7, 6, 5, 4, 1, 0]);
  expect(told).toBe(1);
});
