import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@parley/core';
import fc from 'fast-check';
import { createAnswers } from '../src/answers.js';
import { fromCrispEvent } from '../src/from-crisp-event.js';
import { fromAnswered } from '../src/from-crisp-message-event.js';
import type { Viewpoint } from '../src/ids.js';
import { createOccurrences } from '../src/occurrence.js';

const view: Viewpoint = { account: 'leads', website: 'w', selfId: 'self', owner: 'me' };
const FIRST = 1_700_000_000_000;

function picker(chosen: string | undefined) {
  const choices = ['am', 'pm', 'eve'].map((value) => ({ value, label: value, selected: value === chosen }));
  return { id: 'p', text: 'When?', choices };
}

/** One process: what it is told of a question, and which answers an engine takes for new. */
function startProcess(known = new Set<string>()) {
  const answers = createAnswers();
  const occurrences = createOccurrences(systemClock);
  const ways = { first: answers.in(occurrences), again: answers.in(occurrences, true) };
  const heard: string[] = [];
  const take = (events: ReturnType<typeof fromCrispEvent>): void => {
    for (const event of events) {
      if (event.name !== 'message.received' || known.has(event.id)) continue;
      known.add(event.id);
      heard.push(event.message.content.kind === 'choice' ? event.message.content.value : '');
    }
  };
  const tell = (source: 'hook' | 'feed', chosen: string | undefined, at: number, isRetry = false): void => {
    const data = { website_id: 'w', session_id: 's', fingerprint: 5, content: picker(chosen) };
    const occurrence = ways[isRetry ? 'again' : 'first'].of(source, at);
    take(fromCrispEvent({ name: 'message:updated', data, at }, view, occurrence));
  };
  return {
    heard,
    known,
    hook: (chosen: string | undefined, at: number) => tell('hook', chosen, at),
    retry: (chosen: string | undefined, at: number) => tell('hook', chosen, at, true),
    socket: (chosen: string | undefined, at = FIRST) => tell('feed', chosen, at),
    catchUp: (chosen: string) => {
      const answer = fromAnswered('leads:s/5', picker(chosen), FIRST);
      take(answer === undefined ? [] : [answer]);
    },
  };
}

/** What stands after what: choosing what stands already is no change. */
function changes(chosen: readonly string[]): string[] {
  return chosen.filter((each, index) => each !== chosen[index - 1]);
}

describe('a visitor who chooses again', () => {
  test('what was chosen before is heard again, by hook and by socket', () => {
    const { socket, hook, heard } = startProcess();
    for (const [index, each] of ['am', 'pm', 'am'].entries()) {
      socket(each, FIRST + index);
      hook(each, FIRST + index);
    }
    expect(heard).toEqual(['am', 'pm', 'am']);
  });

  test('what stands already is not', () => {
    const { socket, hook, heard } = startProcess();
    for (const each of ['am', 'am', 'pm', 'pm']) socket(each);
    hook('am', FIRST);
    hook('am', FIRST + 1_000);
    expect(heard).toEqual(['am', 'pm']);
  });

  test('what stands already is not either where it came with a hook that is delivered again', () => {
    const { retry, hook, heard } = startProcess();
    retry('am', FIRST);
    hook('am', FIRST + 1_000);
    hook('pm', FIRST + 2_000);
    hook('am', FIRST + 3_000);
    expect(heard).toEqual(['am', 'pm', 'am']);
  });

  test('after the question was asked anew is heard, also with the same answer', () => {
    const { socket, heard } = startProcess();
    for (const each of ['am', undefined, 'am']) socket(each);
    expect(heard).toEqual(['am', 'am']);
  });

  test('is heard once each time, however far hook and socket are apart, and however late hooks come', () => {
    const told = fc.array(fc.constantFrom('am', 'pm', 'eve'), { minLength: 1, maxLength: 8 });
    const ways = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(told, ways, (all, pick) => {
        const { socket, hook, heard } = startProcess();
        const chosen = changes(all);
        // The socket keeps the order; hooks may overtake each other, and come again with their own time.
        const onSocket = [...chosen];
        const byHook = chosen.flatMap((each, index) => [0, 1].map(() => ({ each, at: FIRST + index })));
        while (onSocket.length + byHook.length > 0) {
          const next = (pick.next().value ?? 0) % (1 + byHook.length);
          const [taken] = next === 0 ? [] : byHook.splice(next - 1, 1);
          const said = onSocket.shift();
          if (said !== undefined) socket(said);
          if (taken !== undefined) hook(taken.each, taken.at);
        }
        expect(heard.toSorted()).toEqual(chosen.toSorted());
      }),
      { numRuns: 2_000 },
    );
  });

  test('is heard no more often than that from hooks alone, in whatever order, by whichever process, delivered again or not', () => {
    const told = fc.array(fc.constantFrom('am', 'pm', 'eve'), { minLength: 1, maxLength: 6 });
    const order = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(told, order, (all, pick) => {
        const chosen = changes(all);
        const known = new Set<string>();
        const processes = [startProcess(known), startProcess(known)];
        // A first attempt, and retries that may be dated anew.
        const waiting = chosen.map((each, index) => ({ each, at: FIRST + index, attempts: 0 }));
        for (let now = FIRST + 100; waiting.length > 0; now += 1) {
          const index = (pick.next().value ?? 0) % waiting.length;
          const one = waiting[index];
          const process = processes[(pick.next().value ?? 0) % 2];
          if (one === undefined || process === undefined) continue;
          if (one.attempts === 0) process.hook(one.each, one.at);
          else process.retry(one.each, now);
          one.attempts += 1;
          if (one.attempts === 3) waiting.splice(index, 1);
          process.catchUp(chosen.at(-1) ?? '');
        }
        const heard = processes.flatMap((each) => each.heard);
        for (const value of ['am', 'pm', 'eve']) {
          const given = chosen.filter((each) => each === value).length;
          expect(heard.filter((each) => each === value).length).toBeLessThanOrEqual(given);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('is not heard twice for a restart: what was chosen before counts as heard', () => {
    const before = startProcess();
    for (const each of ['am', 'pm', 'am']) before.socket(each);
    const after = startProcess(before.known);
    after.catchUp('am');
    after.socket('am');
    after.hook('am', FIRST + 2);
    after.retry('pm', FIRST + 9);
    expect(after.heard).toEqual([]);
  });

  test('is remembered for the newest questions only', () => {
    const answers = createAnswers().in(createOccurrences(systemClock));
    const give = (question: string, answer: string) => answers.of('feed', FIRST).answer?.(question, answer);
    give('first', 'am');
    give('first', 'pm');
    expect(give('first', 'am')).toBe(2);
    for (let index = 0; index < 5_000; index += 1) give(`q${index}`, 'am');
    expect(give('first', 'am')).toBe(1);
  });
});
