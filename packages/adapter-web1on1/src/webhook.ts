import { decode, parseJson, verifyHmac } from '@parley/adapter-kit';
import type { Event, WebhookPort, WebhookRequest, WebhookResult } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Viewpoint } from './from-web1on1.js';
import {
  fromContactEvent,
  fromConversationEvent,
  fromMessageChanged,
  fromMessageCreated,
  fromOtherEvent,
} from './from-web1on1-event.js';
import type { Ignore } from './ignore.js';
import {
  ContactDataCodec,
  ConversationCodec,
  ConversationDataCodec,
  MessageDataCodec,
  PayloadCodec,
} from './wire/codecs.js';
import type { Web1on1Payload } from './wire/webhook.js';

export interface WebhookSetup {
  /** Any of them may have signed; none: every call is refused. */
  secrets: readonly string[];
  ignore: Ignore;
  keepRaw: boolean;
  /** A promise while our own user id is still to be learnt by a login. */
  view(): Viewpoint | Promise<Viewpoint>;
}

/**
 * Answers the subscription challenge and reads signed calls: verify the bytes, then decode, then map.
 *
 * @see developers.web1on1.chat/webhooks/verification
 */
export function createWebhook(setup: WebhookSetup): WebhookPort {
  return {
    receive(request) {
      if (request.method === 'GET') return answerChallenge(request.url);
      if (request.method !== 'POST') return { kind: 'answer', status: 405, headers: { allow: 'GET, POST' } };
      verify(setup.secrets, request);
      const payload = decode(PayloadCodec, parseJson(request.body, 'Web1on1 webhook'), 'Web1on1 webhook');
      const view = setup.view();
      return view instanceof Promise
        ? view.then((known) => toResult(setup, payload, known))
        : toResult(setup, payload, view);
    },
  };
}

function toResult(setup: WebhookSetup, payload: Web1on1Payload, view: Viewpoint): WebhookResult {
  const event = readEvent(payload, view, setup.ignore);
  if (event === undefined) return { kind: 'events', events: [] };
  if (setup.keepRaw) event.raw = payload;
  return { kind: 'events', events: [event] };
}

/** Which shape the data of an event has, by its name. What is not listed needs none. */
export function readEvent(payload: Web1on1Payload, view: Viewpoint, ignore: Ignore): Event | undefined {
  const { event, data } = payload;
  if (event.startsWith('message.create.')) {
    return fromMessageCreated(payload, decode(MessageDataCodec, data, 'Web1on1 webhook data'), view, ignore);
  }
  switch (event) {
    case 'message.update':
    case 'message.delete':
    case 'message.error':
      return fromMessageChanged(payload, decode(MessageDataCodec, data, 'Web1on1 webhook data'), view);
    case 'conversation.create':
    case 'conversation.update':
    case 'conversation.delete': {
      const { conversation } = decode(ConversationDataCodec, data, 'Web1on1 webhook data');
      return fromConversationEvent(payload, conversation, view);
    }
    case 'contact.create':
    case 'contact.update':
    case 'contact.delete': {
      const { contact } = decode(ContactDataCodec, data, 'Web1on1 webhook data');
      return fromContactEvent(payload, contact, view);
    }
    default: {
      const conversation = data?.conversation;
      return fromOtherEvent(payload, ConversationCodec.is(conversation) ? conversation : undefined, view);
    }
  }
}

/** `X-Hub-Signature: sha1=<40 hex digits>`: HMAC-SHA1 over the raw body, the secret as UTF-8 text. */
function verify(secrets: readonly string[], request: WebhookRequest): void {
  if (secrets.length === 0) {
    throw new ParleyError(
      'ERR_SIGNATURE',
      'Web1on1 webhook: refused, because no secret is configured: set the option "secret" to the secret of the webhook',
    );
  }
  const header = request.headers['x-hub-signature'];
  if (typeof header !== 'string' || !header.startsWith('sha1=')) {
    throw new ParleyError(
      'ERR_SIGNATURE',
      'Web1on1 webhook: no X-Hub-Signature header of the form "sha1=..."',
    );
  }
  if (!verifyHmac({ algorithm: 'sha1', secrets, payload: request.body, signature: header.slice(5) })) {
    throw new ParleyError(
      'ERR_SIGNATURE',
      'Web1on1 webhook: the signature does not fit: compare the option "secret" with the secret of the webhook, and make sure that the raw bytes arrive unchanged',
    );
  }
}

/** `GET ?type=subscribe&challenge=...` is answered with the challenge as plain text and nothing else; the rest with 403. */
function answerChallenge(url: string): WebhookResult {
  const start = url.indexOf('?');
  const query = new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
  const challenge = query.get('challenge');
  if (query.get('type') !== 'subscribe' || !challenge) return { kind: 'answer', status: 403 };
  return {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: challenge,
  };
}
