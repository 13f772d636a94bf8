import { expect, test } from '@jest/globals';
import { createFailedPlaces, type FailedPlace } from '../src/failed-places.js';

const HOUR = 3_600_000;

function places(stored?: readonly FailedPlace[]) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const givenUp: (string | undefined)[] = [];
  const failed = createFailedPlaces(clock, stored, ({ session }) => givenUp.push(session));
  return { clock, givenUp, failed };
}

test('a conversation is tried again after waits that double from five seconds to an hour, a website to ten minutes', () => {
  for (const [session, longest] of [
    ['s', HOUR],
    [undefined, HOUR / 6],
  ] as const) {
    const { clock, failed } = places();
    const where = { website: 'w', ...(session !== undefined && { session }) };
    const waits = Array.from({ length: 14 }, () => {
      failed.failed(where, clock.time);
      const waitMs = failed.waitMs() ?? 0;
      clock.time += waitMs - 1;
      expect(failed.due()).toEqual([]);
      clock.time += 1;
      expect(failed.due()).toMatchObject([where]);
      return waitMs;
    });
    expect(waits).toEqual(waits.map((_, index) => Math.min(5_000 * 2 ** index, longest)));
  }
});

test('it keeps what is the oldest to be read, and forgets it once it is read', () => {
  const { failed } = places();
  failed.failed({ website: 'w', session: 's' }, 500);
  failed.failed({ website: 'w', session: 's' }, 900);
  expect(failed.all()).toMatchObject([{ since: 500, tries: 2 }]);
  failed.done({ website: 'w', session: 's' });
  expect(failed.all()).toEqual([]);
  expect(failed.waitMs()).toBeUndefined();
});

test('a conversation waits while its website cannot be read', () => {
  const { clock, failed } = places();
  failed.failed({ website: 'w', session: 's' }, 1);
  clock.time += 1_000;
  failed.failed({ website: 'w' }, 1);
  failed.failed({ website: 'other', session: 'o' }, 1);
  expect(failed.waitMs()).toBe(5_000);
  clock.time += 5_000;
  expect(failed.due().map(({ website, session }) => session ?? website)).toEqual(['w', 'o']);
  failed.done({ website: 'w' });
  expect(failed.due()).toHaveLength(2);
});

test('of more than 200 the oldest is given up', () => {
  const { failed, givenUp } = places();
  for (let number = 0; number < 202; number += 1) failed.failed({ website: 'w', session: `s${number}` }, 1);
  expect(failed.all()).toHaveLength(200);
  expect(givenUp).toEqual(['s0', 's1']);
});

test('a clock that was set back does not make anything wait longer', () => {
  const { failed } = places([{ website: 'w', session: 's', since: 1, tries: 1, failedAt: 9_000_000 }]);
  expect(failed.waitMs()).toBe(5_000);
});
