import type { Awaitable, Clock, StateEntry, StateWrite } from '@parley/core';
import { ParleyError } from '@parley/core';

/** What keeping runs takes of an engine: also what a command in another process has of a running bot's. */
export interface StateAccess {
  readState(scope: string, kind: string): Awaitable<StateEntry | undefined>;
  /** False if the version is no longer the current one: read again. */
  writeState(write: StateWrite): Awaitable<boolean>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Names one value of state. */
export interface Place {
  scope: string;
  kind: string;
}

/** What a change makes of a value: undefined leaves it as it is, null removes it. */
export type Change<T> = { value: T | null; expiresAt?: number } | undefined;

/** Writers of one value in a row before one of them gives up; each round somebody has succeeded. */
const MOST_ROUNDS = 200;

export async function read<T>(state: StateAccess, { scope, kind }: Place): Promise<T | undefined> {
  const entry = await state.readState(scope, kind);
  return entry === undefined ? undefined : (JSON.parse(entry.value) as T);
}

/**
 * Changes a value, whoever else does so at the same time: `change` is asked again with what the other has made of it. Returns what
 * is stored in the end.
 */
export async function change<T>(
  state: StateAccess,
  { scope, kind }: Place,
  decide: (value: T | undefined) => Change<T>,
): Promise<T | undefined> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const entry = await state.readState(scope, kind);
    const current = entry === undefined ? undefined : (JSON.parse(entry.value) as T);
    const decided = decide(current);
    if (decided === undefined) return current;
    const { value, expiresAt } = decided;
    const text = value === null ? undefined : JSON.stringify(value);
    const version = entry?.version ?? 0;
    if (
      await state.writeState({
        scope,
        kind,
        value: text,
        version,
        ...(expiresAt !== undefined && { expiresAt }),
      })
    )
      return value ?? undefined;
  }
  throw new ParleyError(
    'ERR_CONFLICT',
    `State of a campaign was changed by others ${MOST_ROUNDS} times in a row`,
  );
}
