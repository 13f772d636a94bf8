import { describe, expect, test } from '@jest/globals';
import type { Message } from '@parley/emulators';
import { check } from '../src/check.js';
import { type Manner, toReminderText, toReplyText } from '../src/words.js';

const at = (ms: number) => ({ createdAt: new Date(ms).toISOString() });
const reply = (index: number, count = index + 1) => ({
  ...at(100),
  text: toReplyText({ conversation: 0, index, manner: 'plain' }, count),
});
const write = (index: number, manner: Manner = 'plain') => ({ conversation: 0, index, manner, at: 0 });
const conversation = {
  written: [write(0), write(1), write(2)],
  outside: { answered: 0, made: 0 },
  session: { count: 3, outside: 0 },
};
const faultless = { lost: 0, doubled: 0, misordered: 0, strays: 0, counterErrors: 0, reminderErrors: 0 };
const said = (...replies: Pick<Message, 'text' | 'createdAt'>[]) =>
  check([{ ...conversation, said: replies }]).counts;

describe('the count of a conversation', () => {
  test('finds nothing wrong with one reply to each message, in order', () => {
    expect(said(reply(0), reply(1), reply(2))).toEqual({ ...faultless, replies: 3 });
  });

  test('finds a message without a reply', () => {
    expect(said(reply(0), reply(2))).toEqual({ ...faultless, replies: 2, lost: 1 });
  });

  test('finds a second reply, wherever it comes', () => {
    expect(said(reply(0), reply(1), reply(0), reply(2))).toEqual({ ...faultless, replies: 4, doubled: 1 });
  });

  test('finds a reply that came after that to a later message', () => {
    expect(said(reply(0), reply(2), reply(1))).toEqual({ ...faultless, replies: 3, misordered: 1 });
  });

  test('says what is wrong, and where', () => {
    expect(check([{ ...conversation, said: [reply(0), reply(0), reply(2)] }]).problems).toEqual([
      'doubled: c0m0 got another reply at 1970-01-01T00:00:00.100Z',
      'lost: c0m1 has no reply',
    ]);
  });

  test('finds what is no reply', () => {
    expect(said(reply(0), reply(1), { ...at(100), text: 'too late' }, reply(2))).toEqual({
      ...faultless,
      replies: 3,
      strays: 1,
    });
  });

  test('finds a reply that has counted otherwise', () => {
    expect(said(reply(0), reply(1, 3), reply(2))).toEqual({ ...faultless, replies: 3, counterErrors: 1 });
  });

  test('finds a reminder that never came, came twice or too early, or was never promised', () => {
    const replies = [reply(0), reply(1), reply(2)];
    const promised = { ...conversation, written: [write(0, 'timer'), write(1, 'later'), write(2)] };
    const of = (...names: string[]) => [
      ...replies,
      ...names.map((name) => ({ ...at(2000), text: toReminderText(name) })),
    ];
    const errors = (...names: string[]) => check([{ ...promised, said: of(...names) }]).counts.reminderErrors;
    expect(errors('c0m1', 'c0m0')).toBe(0);
    expect(errors('c0m1')).toBe(1);
    expect(errors('c0m1', 'c0m0', 'c0m1')).toBe(1);
    expect(errors('c0m1', 'c0m0', 'c0m2')).toBe(1);
    const early = { ...at(1400), text: toReminderText('c0m1') };
    expect(check([{ ...promised, said: [...of('c0m0'), early] }]).counts.reminderErrors).toBe(1);
  });

  test('finds a session that has counted otherwise, or is gone', () => {
    const replies = [reply(0), reply(1), reply(2)];
    const counted = { ...conversation, session: { count: 4, outside: 0 }, said: replies };
    const gone = { ...conversation, session: null, said: replies };
    expect(check([counted, gone]).counts).toEqual({ ...faultless, replies: 6, counterErrors: 2 });
  });

  test('finds a call from outside that got lost, and allows for one that nobody heard the end of', () => {
    const replies = [reply(0), reply(1), reply(2)];
    const outside = { answered: 2, made: 3 };
    const of = (seen: number) => ({
      ...conversation,
      outside,
      session: { count: 3, outside: seen },
      said: replies,
    });
    expect(check([of(2), of(3)]).counts.counterErrors).toBe(0);
    expect(check([of(1), of(4)]).counts.counterErrors).toBe(2);
  });
});
