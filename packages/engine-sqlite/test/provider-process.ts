/**
 * A bot that counts and answers, in a process of its own: `provider-process.ts <file>`. Its provider is its parent, which
 * says what arrived there. An event whose text is `kill` ends the process at once, as a crash would.
 */
import type { Event, TurnAttempt } from '@parley/core';
import { silentLog } from '@parley/core';
import { sqlite } from '../src/index.js';

export type ToParent =
  | { kind: 'started' }
  | { kind: 'accepted'; id: string }
  | { kind: 'turn'; id: string }
  | { kind: 'sent'; id: string; lane: string }
  | { kind: 'lookUp'; id: string };
export type ToChild = { kind: 'accept'; event: Event } | { kind: 'answer'; id: string; found: boolean };

const engine = sqlite(process.argv[2] ?? '', { backoffMs: 5, maxBackoffMs: 20, lookUpAfterMs: 5 });
const waiting = new Map<string, (found: boolean) => void>();

const ask = (message: ToParent & { id: string }): Promise<boolean> =>
  new Promise((resolve) => {
    waiting.set(message.id, resolve);
    process.send?.(message);
  });
const tell = (message: ToParent): void => {
  process.send?.(message);
};

async function turn(attempt: TurnAttempt): ReturnType<Parameters<typeof engine.start>[0]['turn']> {
  const { event } = attempt;
  tell({ kind: 'turn', id: event.id });
  if (event.name !== 'message.received') return { kind: 'done', writes: [], effects: [] };
  const { conversationId: scope, message } = event;
  const text = message.content.kind === 'text' ? message.content.text : '';
  if (text === 'kill') process.kill(process.pid, 'SIGKILL');
  const createdAt = event.at;
  const head = { account: 'leads', lane: scope, createdAt } as const;
  const action = (words: string) =>
    ({ kind: 'message', conversationId: scope, content: { kind: 'text', text: words } }) as const;
  // One that leaves at once, and one that waits for the commit.
  await attempt.record({ ...head, id: `${attempt.turnId}#0`, action: action(`${text} at once`) });
  const [before] = await attempt.readStates(scope, ['count']);
  const value = String(Number(before?.value ?? 0) + 1);
  return {
    kind: 'done',
    writes: [{ scope, kind: 'count', value, version: before?.version ?? 0 }],
    effects: [{ ...head, id: `${attempt.turnId}#1`, action: action(`${text} held`) }],
  };
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'answer') {
    waiting.get(message.id)?.(message.found);
    return;
  }
  const { event } = message;
  void engine.accept([event]).then(() => tell({ kind: 'accepted', id: event.id }));
});

await engine.start({
  log: silentLog,
  turn,
  deliver: async ({ action, lane }) => {
    const text = action.kind === 'message' && action.content.kind === 'text' ? action.content.text : '';
    await ask({ kind: 'sent', id: text, lane });
    return { kind: 'sent', at: new Date().toISOString() };
  },
  lookUp: async ({ action }) => {
    const text = action.kind === 'message' && action.content.kind === 'text' ? action.content.text : '';
    const found = await ask({ kind: 'lookUp', id: text });
    return found ? { kind: 'sent', at: new Date().toISOString() } : { kind: 'absent' };
  },
  notice: () => {},
});
tell({ kind: 'started' });
