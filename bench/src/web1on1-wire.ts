import { createHmac, randomUUID } from 'node:crypto';
import { web1on1 } from '@parley/adapter-web1on1';
import { BOT_USER, objectId, SECRET, signedWebhooks } from './webhooks.js';
import { isDigest, parseBytes, type Wire } from './wire.js';

/** 32 hexadecimal digits: a kind of token that does not expire. */
const TOKEN = '0123456789abcdef0123456789abcdef';

/** @see developers.web1on1.chat */
export const WEB1ON1: Wire = {
  provider: 'Web1on1',
  account: ({ origin, rate }) =>
    web1on1({ origin, rate, token: TOKEN, email: `bot+${BOT_USER}@web1on1.chat`, secret: SECRET }),
  webhooks: signedWebhooks,
  verifyAndParse({ body, headers }, handler) {
    const expected = createHmac('sha1', SECRET).update(body).digest();
    if (!isDigest(String(headers['x-hub-signature']).slice('sha1='.length), expected)) return false;
    handler(parseBytes(body));
    return true;
  },
  conversationId: (conversation) => objectId('64d2', conversation),
  post: (conversationId, text) => ({
    path: `/v2/conversations/${conversationId}/messages`,
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ text, role: 'agent', meta: { parley: `say:bench:${randomUUID()}` } }),
    isTaken: (status, answer) => status === 201 && typeof (answer as { id?: unknown }).id === 'string',
  }),
};
