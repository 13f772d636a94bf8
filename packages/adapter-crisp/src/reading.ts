import { createHash } from 'node:crypto';
import type { Event } from '@parley/core';
import { ParleyError, toId } from '@parley/core';
import { toIsoTime } from './from-crisp.js';
import { textIn } from './from-crisp-content.js';
import { type Place, toPlaceId, type Viewpoint } from './ids.js';

/** One event of the platform, however it came. */
export interface Native {
  name: string;
  /** The payload. */
  data: Record<string, unknown>;
  /** Epoch milliseconds: a hook's own time, or when the socket brought it. */
  at: number;
}

/**
 * Tells apart what the platform gives no id and no time of its own: a status may be set to the same value twice. The same text
 * for the same occurrence, whichever way it came.
 *
 * @param key all that is known of the event
 * @param line what follows each other: saying the same again at once, with nothing in between, says nothing
 */
export interface Occurrence {
  (key: string, line?: string): string;
  /** How many times this answer was given to this question, this time included; undefined: it is not answered any more. */
  answer?(question: string, answer: string | undefined): number;
}

/** An event that is being read, and what it takes. */
export interface Reading {
  native: Native;
  view: Viewpoint;
  occurrence: Occurrence;
}

/** What every event begins with. */
export function headOf({ native, view }: Reading, id: string, at = native.at) {
  return {
    id: toId(view.account, id),
    provider: 'crisp',
    account: view.account,
    at: toIsoTime(at),
    native: native.name,
  };
}

/** What has no neutral word. */
export function providerEvent(reading: Reading): Event {
  const { native, view } = reading;
  const session = textIn(native.data, 'session_id');
  const website = textIn(native.data, 'website_id');
  return {
    name: 'provider.event',
    ...headOf(reading, undatedId(reading, session ?? website ?? '')),
    ...(session && { conversationId: toPlaceId(view, { id: session, ...(website && { website }) }) }),
    payload: native.data,
  };
}

export function placeOf(data: { session_id: string; website_id?: string | null }): Place {
  return { id: data.session_id, ...(data.website_id && { website: data.website_id }) };
}

/** Made of the contents, since there is nothing else, and of which occurrence of them it is. */
export function undatedId({ native, occurrence }: Reading, subject: string, line?: string): string {
  const key = `${native.name}:${subject}:${digest(native.data)}`;
  return `${key}:${occurrence(key, line)}`;
}

/**
 * A short name for a value.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD for one that is nested deeper than the stack is
 */
export function digest(value: unknown): string {
  return createHash('sha256').update(inOrder(value)).digest('base64url').slice(0, 16);
}

/** JSON whose keys are sorted: a hook and the socket may bring them in another order. */
function inOrder(value: unknown): string {
  try {
    return sorted(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', 'Crisp: a payload is nested too deep to be read');
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
