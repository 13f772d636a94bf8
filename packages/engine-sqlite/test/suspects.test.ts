import { beforeEach, expect, test } from '@jest/globals';
import { silentLog } from '@parley/core';
import { anEvent } from '@parley/testing';
import { erase } from '../src/erase.js';
import type { StoredEvent } from '../src/event-table.js';
import { toSettings } from '../src/options.js';
import { Suspects } from '../src/suspects.js';
import { openWork } from '../src/work.js';
import { scriptedHost } from './scripted-host.js';
import { steppingClock } from './stepping-clock.js';
import { tempFolder } from './temp-folder.js';

let free: number[];
let suspects: Suspects;

beforeEach(() => {
  free = [];
  suspects = new Suspects(({ order }) => free.push(order));
});

const item = (order: number, lane: string, crashes = 0): StoredEvent => ({
  turnId: `turn ${order}`,
  event: anEvent('message.received'),
  lane,
  acceptedAt: 0,
  order,
  attempts: 0,
  crashes,
  slot: undefined,
});

test('lets go one suspect at a time, with what waits behind it in its lane, and others at once', () => {
  const [one, other] = [item(1, 'a', 3), item(2, 'b', 9)];
  const held = [one, other, item(3, 'a'), item(4, 'c'), item(5, 'c', 2)].filter((each) =>
    suspects.holds(each),
  );
  expect(held.map(({ order }) => order)).toEqual([1, 2, 3]);
  expect(suspects.size).toBe(3);
  suspects.next();
  expect(free).toEqual([1, 3]);
  suspects.over(item(4, 'c'));
  expect(free).toEqual([1, 3]);
  suspects.over(one);
  expect(free).toEqual([1, 3, 2]);
  suspects.over(other);
  expect([suspects.size, suspects.holds(item(6, 'a'))]).toEqual([0, false]);
});

test('keeps the order of a lane: a redriven event goes to its place, a second suspect waits for its turn', () => {
  const first = item(2, 'a', 3);
  for (const each of [first, item(5, 'a', 4), item(6, 'a')]) expect(suspects.holds(each)).toBe(true);
  expect(suspects.holds(item(3, 'a'))).toBe(true);
  suspects.next();
  expect(free).toEqual([2, 3]);
  suspects.over(first);
  expect(free).toEqual([2, 3, 5, 6]);
});

test('forgets what is erased, and goes on with the next one', () => {
  for (const each of [item(1, 'a', 3), item(2, 'b', 3), item(3, 'c', 3)]) suspects.holds(each);
  suspects.next();
  suspects.erase(new Set(['a', 'b']));
  expect([free, suspects.size]).toEqual([[1, 3], 0]);
});

test('are pending like others, and are erased like others', async () => {
  const folder = tempFolder();
  const clock = steppingClock();
  const open = () => openWork(folder.path('bot.db'), toSettings({ clock }), () => silentLog);
  const first = open();
  for (const id of ['leads:1', 'leads:2']) {
    void first.turns.accept([anEvent('message.received', { id, conversationId: id })]);
  }
  await clock.pass(0);
  first.store.db.exec('UPDATE inbox SET crashes = 3');
  await first.close();

  const work = open();
  expect(work.stats().pendingEvents).toBe(2);
  const erasing = erase(work.store, work.turns, work.deliveries, work.scrub, ['leads:1']);
  await clock.pass(0);
  expect(await erasing).toMatchObject({ events: 1 });
  expect(work.stats().pendingEvents).toBe(1);
  const host = scriptedHost();
  work.start(host);
  await clock.pass(0);
  expect([host.turns, work.stats().pendingEvents]).toEqual([['leads:2'], 0]);
  await work.close();
  folder.remove();
});
