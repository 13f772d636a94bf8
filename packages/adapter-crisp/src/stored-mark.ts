import type { Id } from '@parley/core';
import type { FailedPlace } from './failed-places.js';

/** How far the feed has come, as it is kept with the engine. Times are epoch milliseconds. */
export interface StoredMark {
  at: number;
  /** When it began: what was said before is not answered, however short before. */
  from: number;
  /** Of messages in the overlap: whoever reads on after a long pause must not take them for new. */
  ids: readonly (readonly [id: Id, at: number])[];
  failed: readonly FailedPlace[];
  /** These times are by our own clock: no answer has told the platform's yet. */
  own: boolean;
}

/** Undefined for what is none; of its lists, the items that can be read. */
export function parseMark(text: string): StoredMark | undefined {
  const stored = parse(text);
  const at: unknown = Reflect.get(stored, 'at');
  const from: unknown = Reflect.get(stored, 'from') ?? 0;
  if (!isMoment(at) || !isMoment(from)) return undefined;
  return {
    at,
    from,
    ids: listIn(stored, 'ids').filter(isDatedId),
    failed: listIn(stored, 'failed').filter(isFailedPlace),
    own: Reflect.get(stored, 'own') === true,
  };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function listIn(value: object, name: string): unknown[] {
  const list: unknown = Reflect.get(value, name);
  return Array.isArray(list) ? list : [];
}

/** One that can be written as a date. */
function isMoment(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e15;
}

function isDatedId(value: unknown): value is [Id, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && isMoment(value[1]);
}

function isFailedPlace(value: unknown): value is FailedPlace {
  if (typeof value !== 'object' || value === null) return false;
  const { website, session, since, tries, failedAt } = value as Partial<Record<keyof FailedPlace, unknown>>;
  const isNamed = typeof website === 'string' && (session === undefined || typeof session === 'string');
  return isNamed && isMoment(since) && isMoment(failedAt) && Number.isSafeInteger(tries);
}
