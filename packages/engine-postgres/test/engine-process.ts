/**
 * An engine in a process of its own: `engine-process.ts <address> <name>`. Tells what it handles and sends. A turn whose text is
 * `hang` ends when its parent says so, and one whose text is `die` ends the process.
 */
import { postgres } from '../src/index.js';
import { quickHost, textOf } from './quick-host.js';

export type Told =
  | { kind: 'started' }
  | { kind: 'turn'; name: string; text: string; fetched: number }
  | { kind: 'sent'; name: string; id: string; at: number }
  | { kind: 'locked'; name: string };

const [connectionString = '', name = '', task = ''] = process.argv.slice(2);
const tell = (told: Told): void => {
  process.send?.(told);
};

const { promise: goOn, resolve: end } = Promise.withResolvers<void>();
const engine = postgres({ connectionString, backoffMs: 20 });
const host = quickHost();
host.onTurn = (attempt) => {
  const text = textOf(attempt.event);
  tell({ kind: 'turn', name, text, fetched: attempt.attempt });
  if (text === 'die') process.kill(process.pid, 'SIGKILL');
  if (text === 'hang') return goOn;
  return undefined;
};
host.onDeliver = ({ id }) => {
  const at = Date.now();
  tell({ kind: 'sent', name, id, at });
  return { kind: 'sent', at: new Date(at).toISOString() };
};

if (task === 'lock') {
  await engine.tokens.withLock('leads', () => {
    tell({ kind: 'locked', name });
    return new Promise(() => {});
  });
}
await engine.start(host);
tell({ kind: 'started' });
process.on('message', () => end());
