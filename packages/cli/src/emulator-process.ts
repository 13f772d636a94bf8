import type { ArgsDef } from 'citty';
import { kebab, wholeNumber } from './arguments.js';
import { whenNpxIsGone } from './launcher.js';
import { UsageError } from './usage-error.js';

/** What every emulator takes. */
export const COMMON_ARGS = {
  port: { type: 'string', description: '0 for any free one', default: '0' },
  host: { type: 'string', description: 'Address to listen on', default: '127.0.0.1' },
  'journal-size': { type: 'string', description: 'Requests kept in the journal', default: '2000' },
} satisfies ArgsDef;

export function commonOptions(given: { port: string; host: string; 'journal-size': string }) {
  return {
    port: wholeNumber('port', given.port, { to: 65_535 }),
    host: given.host,
    journalSize: wholeNumber('journal-size', given['journal-size'], { to: 1_000_000 }),
  };
}

type Switch = string | number | boolean | readonly number[] | undefined;

/** An option for every switch. */
export function switchArgs(defaults: object): ArgsDef {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]: [string, Switch]) => {
      const description = `Switch; default ${typeof value === 'object' ? value.join() || 'none' : (value ?? 'none')}`;
      // A default here would hide whether it was given.
      return [kebab(name), { type: typeof value === 'boolean' ? 'boolean' : 'string', description } as const];
    }),
  );
}

/** The switches that were given, each in the type of its default; what does not fit is for the emulator to refuse. */
export function switchesOf<T extends object>(defaults: T, given: Record<string, unknown>): Partial<T> {
  const entries = Object.entries(defaults).flatMap(
    ([name, standard]: [string, unknown]): [string, unknown][] => {
      const value = given[kebab(name)];
      if (value === undefined) return [];
      const isNumber = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
      if (typeof standard === 'number') return [[name, isNumber ? Number(value) : value]];
      const list = Array.isArray(standard) && typeof value === 'string';
      return [[name, list ? value.split(',').map(Number) : value]];
    },
  );
  return Object.fromEntries(entries) as Partial<T>;
}

/** Prints the credentials as one line of JSON, and serves until a signal. */
export async function serve(
  port: number,
  start: () => Promise<{ credentials: object; close(): Promise<void> }>,
): Promise<void> {
  const stopped = untilSignal();
  const emulator = await started(port, start);
  process.stdout.write(`${JSON.stringify(emulator.credentials)}\n`);
  await stopped;
  await emulator.close();
}

async function started<T>(port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${port} is in use; choose another, or --port 0 for any free one`, {
        cause: error,
      });
    }
    throw error;
  }
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    whenNpxIsGone(resolve);
  });
}
