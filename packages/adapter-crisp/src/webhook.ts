import { decode, isFresh, isSecret, parseJson, verifyHmac } from '@parley/adapter-kit';
import type { Clock, WebhookRequest, WebhookResult } from '@parley/core';
import { ParleyError } from '@parley/core';
import { fromCrispEvent } from './from-crisp-event.js';
import type { Gate } from './gate.js';
import type { Viewpoint } from './ids.js';
import type { Occurrences } from './occurrence.js';
import { HookCodec } from './wire/codecs.js';

export interface WebhookSetup {
  /** Any of them may have signed; none: no signed call is accepted. */
  secrets: readonly string[];
  /** Any of them opens the door to unsigned calls; none: every unsigned call is refused. */
  hookKeys: readonly string[];
  hookWindowMs: number;
  keepRaw: boolean;
  clock: Pick<Clock, 'now'>;
  view: Viewpoint;
  occurrences: Occurrences;
  gate: Pick<Gate, 'isClosed'>;
}

/** What must not overtake the messages before it. */
const IN_ORDER: readonly string[] = ['message:send', 'message:received', 'message:updated'];
/** The adapter's own word: how soon the platform comes back is not documented. */
const HELD = { kind: 'answer', status: 503, headers: { 'retry-after': '5' } } as const;

/** A port that need not wait. */
export interface Webhook {
  receive(request: WebhookRequest): WebhookResult;
}

/**
 * Plugin hooks by their signature, website hooks by the key in their address: verify the bytes, then decode, then map.
 *
 * @see docs.crisp.chat/references/web-hooks/v1
 */
export function createWebhook(setup: WebhookSetup): Webhook {
  const { view, keepRaw } = setup;
  return {
    receive(request) {
      if (request.method !== 'POST') return { kind: 'answer', status: 405, headers: { allow: 'POST' } };
      verify(setup, request);
      const hook = decode(HookCodec, parseJson(request.body, 'Crisp hook'), 'Crisp hook');
      const { event: name } = hook;
      const website = hook.data.website_id ?? hook.website_id;
      if (view.website !== undefined && typeof website === 'string' && website !== view.website) {
        return { kind: 'events', events: [] };
      }
      if (IN_ORDER.includes(name) && setup.gate.isClosed()) return HELD;
      const now = setup.clock.now();
      // What is past stays as it is: a redelivery has to get the same id. Nothing was sent so far ahead.
      const at = Math.min(Math.max(hook.timestamp ?? now, 0), now + setup.hookWindowMs);
      const occurrence = setup.occurrences.of('hook', at);
      // Only where it has to tell: ids are made of the data, and the socket's hold nothing more.
      const tells = typeof website === 'string' && website !== hook.data.website_id;
      const data = tells && view.website === undefined ? { ...hook.data, website_id: website } : hook.data;
      const events = fromCrispEvent({ name, data, at }, view, occurrence);
      if (keepRaw) for (const event of events) event.raw = hook.data;
      return { kind: 'events', events };
    },
  };
}

function verify(setup: WebhookSetup, request: WebhookRequest): void {
  const signature = request.headers['x-crisp-signature'];
  if (signature === undefined) verifyKey(setup, request.url);
  else verifySignature(setup, request, signature);
}

/** HMAC-SHA256 in lower-case hexadecimal over `[<time>;<raw body>]`, the secret as UTF-8 text. */
function verifySignature(
  { secrets, hookWindowMs, clock }: WebhookSetup,
  { headers, body }: WebhookRequest,
  signature: string | readonly string[],
): void {
  if (secrets.length === 0) {
    throw refused(
      'a signed call, and no secret is configured: set the option "secret" to the plugin\'s hooks signature secret',
    );
  }
  const signedAt = headers['x-crisp-request-timestamp'];
  if (typeof signature !== 'string' || typeof signedAt !== 'string') {
    throw refused('X-Crisp-Signature and X-Crisp-Request-Timestamp are wanted, once each');
  }
  const payload = [`[${signedAt};`, body, ']'];
  if (!verifyHmac({ algorithm: 'sha256', secrets, payload, signature })) {
    throw refused(
      'the signature does not fit: compare the option "secret" with the plugin\'s hooks signature secret (development and production have different ones), and make sure that the raw bytes arrive unchanged',
    );
  }
  if (!/^\d{1,16}$/.test(signedAt) || !isFresh(Number(signedAt), clock.now(), hookWindowMs)) {
    throw refused(
      `the signature's time is more than ${hookWindowMs} ms from now: is the clock right? See the option "hookWindowMs"`,
    );
  }
}

/** Nothing proves who calls but that they know the address. */
function verifyKey({ hookKeys }: WebhookSetup, url: string): void {
  if (hookKeys.length === 0) {
    throw refused(
      'it is not signed. Website hooks never are: they are refused unless the option "hookKey" is set and their address ends in ?key= and that value',
    );
  }
  const start = url.indexOf('?');
  const given = new URLSearchParams(start === -1 ? '' : url.slice(start + 1)).get('key') ?? '';
  if (!isSecret(given, hookKeys))
    throw refused('it is not signed, and its address does not end in ?key= and the option "hookKey"');
}

function refused(why: string): ParleyError {
  return new ParleyError('ERR_SIGNATURE', `Crisp hook: refused: ${why}`);
}
