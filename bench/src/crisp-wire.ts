import { createHmac } from 'node:crypto';
import { crisp } from '@parley/adapter-crisp';
import type { WebhookRequest } from '@parley/core';
import { hexadecimal, isDigest, parseBytes, STRIDE, type Wire } from './wire.js';

const SECRET = 'bench-secret';
const WEBSITE = '0b9d5f3e-6f0c-4a5e-9c1a-5d3f1f2b7a10';
const IDENTIFIER = '3c2d8a64-51a9-4c0b-8f11-9a7c0e4d2b55';
const KEY = '0123456789abcdef'.repeat(4);
const BYTES = 2048;
const WORDS = 'Tomorrow works for me. '.repeat(80);

let messages = 0;

/** @see docs.crisp.chat: references/web-hooks/v1, references/rest-api/v1 */
export const CRISP: Wire = {
  provider: 'Crisp',
  account: ({ origin, rate }) =>
    crisp({
      origin,
      rate,
      tier: 'plugin',
      identifier: IDENTIFIER,
      key: KEY,
      website: WEBSITE,
      secret: SECRET,
    }),
  webhooks(count, conversations) {
    const start = messages * STRIDE;
    return Array.from({ length: count }, (_, index) => hook((start + index * STRIDE) % conversations));
  },
  verifyAndParse({ body, headers }, handler) {
    const signedAt = String(headers['x-crisp-request-timestamp']);
    const expected = createHmac('sha256', SECRET).update(`[${signedAt};`).update(body).update(']').digest();
    if (!isDigest(String(headers['x-crisp-signature']), expected)) return false;
    handler(parseBytes(body));
    return true;
  },
  conversationId: sessionId,
  post(conversationId, text) {
    messages += 1;
    return {
      path: `/v1/website/${WEBSITE}/conversation/${conversationId}/message`,
      headers: {
        authorization: `Basic ${Buffer.from(`${IDENTIFIER}:${KEY}`).toString('base64')}`,
        'x-crisp-tier': 'plugin',
      },
      body: JSON.stringify({
        type: 'text',
        content: text,
        from: 'operator',
        origin: 'chat',
        fingerprint: 1e15 + messages,
        automated: true,
      }),
      isTaken: (status, answer) => status === 202 && (answer as { error?: unknown }).error === false,
    };
  },
};

function sessionId(conversation: number): string {
  return `session_0b9d5f3e-6f0c-4a5e-9c1a-${hexadecimal(conversation, 12)}`;
}

function hook(conversation: number): WebhookRequest {
  messages += 1;
  const bare = payload(conversation, '');
  const body = Buffer.from(payload(conversation, WORDS.slice(0, BYTES - bare.length)));
  const now = String(Date.now());
  const signature = createHmac('sha256', SECRET).update(`[${now};`).update(body).update(']').digest('hex');
  return {
    method: 'POST',
    url: '/webhooks/bench',
    headers: {
      host: '127.0.0.1',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'user-agent': 'crisp-api-web-hooks',
      'x-crisp-request-timestamp': now,
      'x-crisp-signature': signature,
    },
    body,
  };
}

function payload(conversation: number, text: string): string {
  const session = sessionId(conversation);
  const at = Date.UTC(2026, 0, 1) + messages;
  return JSON.stringify({
    website_id: WEBSITE,
    event: 'message:send',
    data: {
      website_id: WEBSITE,
      session_id: session,
      inbox_id: null,
      type: 'text',
      from: 'user',
      origin: 'chat',
      content: text,
      fingerprint: 2e14 + messages,
      timestamp: at,
      stamped: true,
      mentions: [],
      user: { user_id: session, nickname: 'Noor Visser' },
    },
    timestamp: at,
  });
}
