import { createHmac } from 'node:crypto';
import type { WebhookRequest } from '@parley/core';

export const SECRET = 'bench-secret';
export const BOT_USER = '64aa11bb22cc33dd44ee55ff';
const ORGANIZATION = '64b1f0c2a7d3e90012c4aa01';
const API = 'https://api.web1on1.chat/v2';
const BYTES = 2048;

const WORDS = 'Tomorrow works for me. '.repeat(40);

let messages = 0;

/** So that several processes make messages with ids of their own. */
export function countMessagesFrom(first: number): void {
  messages = first;
}

/** Twenty-four hexadecimal digits, as the platform's ids have. */
export function objectId(prefix: string, count: number): string {
  return prefix + count.toString(16).padStart(24 - prefix.length, '0');
}

/**
 * A signed call of 2,048 bytes about a new message in one of many conversations, with a message id of its own and a newer
 * state of the conversation.
 *
 * @see developers.web1on1.chat, webhooks/payloads
 */
export function signedWebhook(conversation: number): WebhookRequest {
  messages += 1;
  const bare = payload(conversation, messages, '');
  const body = Buffer.from(payload(conversation, messages, WORDS.slice(0, BYTES - bare.length)));
  return {
    method: 'POST',
    url: '/webhooks/bench',
    headers: {
      host: '127.0.0.1',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'user-agent': 'web1on1',
      'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`,
    },
    body,
  };
}

/** `count` calls, spread over the conversations from `first` to `first + conversations - 1` without a pattern. */
export function signedWebhooks(count: number, conversations: number, first = 0): WebhookRequest[] {
  const start = messages * STRIDE;
  return Array.from({ length: count }, (_, index) =>
    signedWebhook(first + ((start + index * STRIDE) % conversations)),
  );
}

/** A prime: steps of it visit every conversation, no two neighbours in a row. */
const STRIDE = 7919;

function payload(conversation: number, message: number, text: string): string {
  const conversationId = objectId('64d2', conversation);
  const contactId = objectId('64c0', conversation);
  const messageId = objectId('64e1', message);
  const at = new Date(Date.UTC(2026, 0, 1) + message).toISOString();
  return JSON.stringify({
    id: `b6f0a4de-df7b-11ee-8f1c-${objectId('', message).slice(-12)}`,
    event: 'message.create.contact.chat',
    timestamp: at,
    organization: ORGANIZATION,
    activity: {
      '@context': 'https://www.w3.org/ns/activitystreams',
      type: 'Create',
      actor: { id: `${API}/contacts/${contactId}`, type: 'Person' },
      object: { id: `${API}/messages/${messageId}`, type: 'Object' },
      published: at,
      summary: 'Contact Noor Visser created a chat message',
    },
    data: {
      message: {
        id: messageId,
        organization: ORGANIZATION,
        orgPath: `64a0000000000000000000a1#${ORGANIZATION}`,
        conversation: conversationId,
        type: 'chat',
        role: 'contact',
        touchpoint: 'whatsapp',
        contentType: 'text/plain',
        text,
        isBackchannel: false,
        meta: {},
        createdAt: at,
        updatedAt: at,
      },
      conversation: {
        id: conversationId,
        name: 'Noor Visser',
        type: 'contact',
        status: 'active',
        organization: ORGANIZATION,
        contact: contactId,
        touchpoint: 'whatsapp',
        categoryIndex: 0,
        meta: { step: '2' },
        participants: [{ user: BOT_USER, role: 'bot', active: true, accepted: true, follow: true }],
        createdAt: '2025-11-11T08:15:02.114Z',
        updatedAt: at,
      },
      links: {
        organization: `${API}/organizations/${ORGANIZATION}`,
        conversation: `${API}/conversations/${conversationId}`,
        message: `${API}/messages/${messageId}`,
        contact: `${API}/contacts/${contactId}`,
      },
    },
  });
}
