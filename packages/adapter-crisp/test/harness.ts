import { createHmac } from 'node:crypto';
import type { Fault as EmulatorFault } from '@parley/emulators';
import { type AdapterHarness, captureWebhooks, type Fault, firstsAndDuplicates } from '@parley/testing';
import { startStage } from './account.js';

/** What the suite calls a fault, at this provider. */
const FAULTS: Record<Fault, EmulatorFault> = {
  'rate limited': {
    kind: 'status',
    status: 420,
    body: { error: true, reason: 'too_many_requests', data: {} },
  },
  unavailable: { kind: 'status', status: 503 },
  rejected: {
    kind: 'status',
    status: 400,
    body: {
      error: true,
      reason: 'invalid_data',
      data: { namespace: 'data', message: 'data.type should be equal' },
    },
  },
  malformed: { kind: 'malformed' },
  'lost answer': { kind: 'drop-after' },
  'lost request': { kind: 'drop-before' },
};

/** A fresh emulator, an adapter with its plugin's keypair, and a visitor who has written before. */
export async function crispHarness(): Promise<AdapterHarness> {
  const stage = await startStage({ messageBatch: 3, chaos: { duplicate: 1 } });
  const { emulator } = stage;
  const capture = await captureWebhooks();
  emulator.subscribe({ url: capture.url });
  const ada = emulator.visitor({ nickname: 'Ada Loop', email: 'ada@client.test' });
  const operator = emulator.operator({ email: 'sam@shop.test' });
  ada.say('Where is my order?');
  const { key, hookSecret: secret, userKey, websiteKey, websiteId } = emulator.credentials;
  const [person] = emulator.people();
  return {
    adapter: stage.open(),
    open: (account) => stage.open({}, { account }),
    secrets: [key, secret, userKey, websiteKey],
    known: {
      conversationId: `leads:${ada.sessionId}`,
      contactId: `leads:${person?.people_id}`,
      assigneeId: `leads:${operator.userId}`,
      address: { email: 'ada@client.test' },
    },
    unknownExternalId: 'session_00000000-0000-4000-8000-000000000000',
    consumer: {
      // A moment passes, so that the order of messages is the order of their times.
      says: (text) => {
        emulator.clock.advance(10);
        ada.say(text);
      },
      received: () => ada.received.map(({ content }) => (typeof content === 'string' ? content : '')),
    },
    webhooks: {
      ...firstsAndDuplicates(capture),
      sign: (body, own = secret) => {
        const at = String(emulator.clock.now());
        const signed = createHmac('sha256', own).update(`[${at};`).update(body).update(']').digest('hex');
        return {
          method: 'POST',
          url: '/webhooks/leads',
          headers: {
            'content-type': 'application/json',
            'x-crisp-request-timestamp': at,
            'x-crisp-signature': signed,
          },
          body,
        };
      },
      unknownEvent: {
        website_id: websiteId,
        event: 'shop:opened',
        data: { website_id: websiteId, shop: { id: 7 } },
        timestamp: emulator.clock.now(),
      },
    },
    fail: (fault) => emulator.faults.next({ ...FAULTS[fault] }),
    spoilNextList: () => {
      const data = [{ session_id: 42 }, ...emulator.conversations()];
      emulator.faults.next({
        kind: 'status',
        status: 200,
        route: 'GET /v1/website/:website/conversations/:page',
        body: { error: false, reason: 'listed', data },
      });
    },
    messagesPerPage: 3,
    close: async () => {
      await stage.close();
      await capture.close();
    },
  };
}
