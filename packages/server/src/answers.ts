import { setTimeout as wait } from 'node:timers/promises';
import type { WebhookBot } from './bot.js';

/** An answer of the HTTP front, before it is given to fastify or to a `Response`. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** 1 MB: far above any provider's webhook, far below what hurts. */
export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;

/** How long the engine may take to answer `/readyz`. */
const STATS_TIMEOUT_MS = 2_000;

/** Sent with every answer: what a provider's challenge echoes must never be sniffed into markup. */
export const NOSNIFF = { 'x-content-type-options': 'nosniff' } as const;

export function json(status: number, value: object, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...NOSNIFF, ...headers },
    body: JSON.stringify(value),
  };
}

export const ALIVE: Answer = json(200, { status: 'alive' });
export const NO_SUCH_PAGE: Answer = json(404, { error: 'There is nothing at this address.' });
export const ENCODED_BODY: Answer = json(415, {
  error: 'Send the body without content-encoding: the signature covers the bytes as they are sent.',
});
export const BAD_CONTENT_TYPE: Answer = json(415, { error: 'The content-type header cannot be read.' });
export const BAD_REQUEST: Answer = json(400, { error: 'The request cannot be read.' });
export const BROKEN: Answer = json(500, { error: 'The server could not handle this request.' });

export function wrongMethod(allowed: string): Answer {
  return json(405, { error: `Use ${allowed} here.` }, { allow: allowed });
}

export function tooLarge(limitBytes: number): Answer {
  return json(413, { error: `The body is larger than ${limitBytes} bytes.` });
}

/** True if the body is compressed or otherwise not the bytes that the provider signed. */
export function isEncoded(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity';
}

/** 200 while the bot takes events and its engine answers; 503 with a reason otherwise. */
export async function readiness(bot: WebhookBot): Promise<Answer> {
  if (bot.state !== 'running') return notReady(`the bot is ${bot.state}`);
  const giveUp = new AbortController();
  try {
    const late = wait(STATS_TIMEOUT_MS, 'late' as const, { signal: giveUp.signal, ref: false });
    // The losing wait rejects when it is given up; nobody listens to it any more.
    late.catch(() => {});
    const first = await Promise.race([bot.stats(), late]);
    return first === 'late' ? notReady('the engine does not answer') : json(200, { status: 'ready' });
  } catch {
    return notReady('the engine does not answer');
  } finally {
    giveUp.abort();
  }
}

function notReady(reason: string): Answer {
  return json(503, { status: 'not ready', reason }, { 'retry-after': '5' });
}
