import type { Clock } from '../clock.js';
import type { StateEntry, StateWrite } from '../engine.js';
import type { SessionOptions } from './types.js';

const THIRTY_DAYS_MS = 30 * 24 * 3_600_000;

/** The kind of state of a conversation that this is. */
export const SESSION = 'session';

/** How a session is stored: its shape's version, a bar, its JSON. */
export interface SessionFormat<S extends object> {
  read(entry: StateEntry | undefined): S;
  /** What to write, or undefined if nothing changed. */
  write(conversationId: string, entry: StateEntry | undefined, session: S): StateWrite | undefined;
}

export function sessionFormat<S extends object>(options: SessionOptions<S>, clock: Clock): SessionFormat<S> {
  const { initial, migrate, version = 1, expiresAfterMs = THIRTY_DAYS_MS } = options;
  const prefix = `${version}|`;
  return {
    read: (entry) => {
      if (entry === undefined) return initial();
      if (entry.value.startsWith(prefix)) return JSON.parse(entry.value.slice(prefix.length)) as S;
      const bar = entry.value.indexOf('|');
      if (migrate === undefined) return initial();
      return migrate(JSON.parse(entry.value.slice(bar + 1)), Number(entry.value.slice(0, bar)));
    },
    write: (conversationId, entry, session) => {
      const value = [version, JSON.stringify(session)].join('|');
      if (value === entry?.value) return undefined;
      return {
        scope: conversationId,
        kind: SESSION,
        value,
        version: entry?.version ?? 0,
        expiresAt: clock.now() + expiresAfterMs,
      };
    },
  };
}
