import { describe, expect, test } from '@jest/globals';
import { compareCampaign, compareRecipient, compareWithTime, type Moment } from '../src/changes.js';
import type { ChatIncCampaign } from '../src/index.js';
import { createPeople, type People, type Person } from '../src/people.js';
import { readRecipient } from '../src/recipient.js';
import type { Watched } from '../src/watch.js';

const moment: Moment = { account: 'promo', now: Date.parse('2024-05-01T10:00:00Z'), keepRaw: false };
const campaign: ChatIncCampaign = {
  campaignId: 'c_1',
  title: 'May',
  locale: 'en_US',
  buttons: [{ text: 'Yes', input: 'deliver' }],
  whatsAppTemplatesStatus: 'APPROVED',
};

/** What is told of a person, status by status. */
function tell(run: number, before: Person | undefined, ...words: string[]) {
  let person = before;
  const names = words.map((status) => {
    const row = { number: '447700900101', status };
    const recipient = readRecipient(row, []);
    if (recipient === undefined) return [];
    const { events, after } = compareRecipient(person, { recipient, row }, campaign, run, moment);
    person = after;
    return events.map(({ name, id }) => ({ name, id }));
  });
  return {
    told: names.map((events) => events.map(({ name }) => name)),
    ids: names.flat().map(({ id }) => id),
    person,
  };
}

describe('a message', () => {
  test.each<[string[], string[][]]>([
    [
      ['sent', 'delivered', 'read'],
      [['message.sent'], ['message.delivered'], ['message.read']],
    ],
    [['read'], [['message.sent', 'message.delivered', 'message.read']]],
    [
      ['delivered', 'sent', 'delivered'],
      [['message.sent', 'message.delivered'], [], []],
    ],
    [
      ['failed', 'failed'],
      [['message.failed'], []],
    ],
    [
      ['sent', 'failed'],
      [['message.sent'], ['message.failed']],
    ],
    [
      ['failed', 'delivered'],
      [['message.failed'], ['message.sent', 'message.delivered']],
    ],
    [
      ['read', 'failed', 'read'],
      [['message.sent', 'message.delivered', 'message.read'], [], []],
    ],
    [
      ['on its way', 'sent'],
      [[], ['message.sent']],
    ],
  ])('that is %j is told as %j', (words, told) => {
    expect(tell(1, undefined, ...words).told).toEqual(told);
  });

  test('with an action that is neither a state nor a button is told as it came, once, where that is kept', () => {
    const row = { number: '447700900101', action: 'opted out', status: 'read' };
    const recipient = readRecipient(row, campaign.buttons ?? []);
    if (recipient === undefined) throw new Error('cannot be read');
    const seen = (before: Person | undefined, keepRaw: boolean) =>
      compareRecipient(before, { recipient, row }, campaign, 1, { ...moment, keepRaw });
    const odd = ({ events }: ReturnType<typeof seen>) =>
      events.filter(({ name }) => name === 'campaign.progress');
    const first = seen(undefined, true);
    expect(odd(first)).toMatchObject([{ campaignId: 'promo:c_1', native: 'retrieve/campaign', raw: row }]);
    expect(odd(seen(first.after, true))).toEqual([]);
    expect(odd(seen(undefined, false))).toEqual([]);
    expect(first.events.map(({ name }) => name)).not.toContain('message.received');
  });

  test('of a second run is another one, from the first change on', () => {
    const first = tell(1, undefined, 'read');
    const second = tell(2, first.person, 'read', 'sent', 'delivered');
    expect(second.told).toEqual([[], ['message.sent'], ['message.delivered']]);
    expect(first.ids.filter((id) => second.ids.includes(id))).toEqual([]);
  });

  test('has the same ids whenever it is told', () => {
    expect(tell(1, undefined, 'read').ids).toEqual(tell(1, undefined, 'sent', 'delivered', 'read').ids);
  });
});

describe('a campaign', () => {
  const counted = (totalSent: number, more: object = {}): ChatIncCampaign => ({
    ...campaign,
    totalSent,
    ...more,
  });
  const after = (...seen: ChatIncCampaign[]): Watched => {
    let watched: Watched | undefined;
    for (const one of seen) watched = compareCampaign(watched, one, moment).after;
    if (watched === undefined) throw new Error('nothing was seen');
    return watched;
  };
  const names = (known: Watched | undefined, seen: ChatIncCampaign) =>
    compareCampaign(known, seen, moment).events.map(({ name }) => name);

  test('is told of as it is first seen, and then only where it changes', () => {
    expect(names(undefined, counted(0))).toEqual(['campaign.created', 'template.updated']);
    expect(names(after(counted(0)), counted(0))).toEqual([]);
    expect(names(after(counted(0)), counted(2))).toEqual(['campaign.started', 'campaign.progress']);
  });

  test('keeps its highest counters', () => {
    const {
      events,
      after: watched,
      decreased,
    } = compareCampaign(after(counted(5, { totalRead: 1 })), counted(3, { totalRead: 2 }), moment);
    expect(decreased).toBe(true);
    expect(events).toEqual([expect.objectContaining({ counts: { sent: 5, read: 2 } })]);
    expect(watched.counts).toEqual({ sent: 5, read: 2 });
  });

  test('has a run for each that is listed', () => {
    const once = after(counted(2, { runs: [{}] }));
    expect(names(once, counted(2, { runs: [{}, {}] }))).toEqual(['campaign.started']);
    expect(names(once, counted(2, { runs: [] }))).toEqual([]);
  });

  test('is over when nothing changes any more and everybody’s fate is known, else when it is long ago', () => {
    const limits = { settleMs: 1_000, maxWatchMs: 10_000 };
    const at = (ms: number) => ({ ...moment, now: moment.now + ms });
    const known = after(counted(2, { totalDelivered: 1, totalDeliveryErrors: 1 }));
    const unknown = after(counted(2, { totalDelivered: 1 }));
    const over = (watched: Watched, ms: number) =>
      compareWithTime(watched, campaign, at(ms), limits).events.map(({ name }) => name);
    expect([over(known, 999), over(known, 1_000)]).toEqual([[], ['campaign.completed']]);
    expect([over(unknown, 9_999), over(unknown, 10_000)]).toEqual([[], ['campaign.completed']]);
    expect(over({ ...known, done: true }, 10_000)).toEqual([]);
    expect(over(after(counted(0)), 10_000)).toEqual([]);
    const forgotten = compareWithTime(
      { ...known, done: true, people: createPeople() },
      campaign,
      at(10_000),
      limits,
    ).after;
    expect(forgotten).not.toHaveProperty('people');
  });
});

describe('what was told of people', () => {
  const told: Record<string, Person> = {
    '447700900101': [3, 1, 'Yes'],
    '447700900102': [-1, 2],
    '999999999999999': [3, 1, 'Yes'],
  };
  const all = (people: People) => Object.keys(told).map((digits) => people.get(`+${digits}`));

  test('is found again as it was stored, also as older versions stored it', () => {
    const people = createPeople();
    for (const [digits, person] of Object.entries(told)) people.set(`+${digits}`, person);
    const stored = JSON.stringify(people.toStored());
    const kept = [
      createPeople(told),
      createPeople(JSON.parse(stored)),
      createPeople(createPeople(told).toStored()),
    ];
    for (const each of [people, ...kept]) expect(all(each)).toEqual(Object.values(told));
    expect(people.get('+447700900109')).toBeUndefined();
  });

  test('is stored with a number of each person, and little else', () => {
    const people = createPeople();
    for (let each = 0; each < 1_000; each += 1) people.set(`+${447_700_900_000 + each}`, [each % 3, 1]);
    expect(JSON.stringify(people.toStored()).length).toBeLessThan(1_000 * 13 + 100);
  });

  test('is the newest', () => {
    const people = createPeople(told);
    people.set('+447700900101', [3, 1, 'No']);
    expect(people.get('+447700900101')).toEqual([3, 1, 'No']);
    expect(people.get('+999999999999999')).toEqual([3, 1, 'Yes']);
  });
});
