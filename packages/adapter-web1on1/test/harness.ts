import { createHmac } from 'node:crypto';
import type { WebhookRequest } from '@parley/core';
import type { Fault as EmulatorFault } from '@parley/emulators';
import { type AdapterHarness, captureWebhooks, type Fault, firstsAndDuplicates } from '@parley/testing';
import { startStage } from './account.js';

/** What the suite calls a fault, at this platform. */
const FAULTS: Record<Fault, EmulatorFault> = {
  'rate limited': { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
  unavailable: { kind: 'status', status: 503 },
  rejected: { kind: 'status', status: 400, body: { error: { message: 'Validation failed' } } },
  malformed: { kind: 'malformed' },
  'lost answer': { kind: 'drop-after' },
  'lost request': { kind: 'drop-before' },
};

/** A fresh emulator, an adapter with its bot's credentials, and a consumer who has written before. */
export async function web1on1Harness(): Promise<AdapterHarness> {
  const stage = await startStage({ maxLimit: 3, defaultLimit: 3, chaos: { duplicate: 1 } });
  const { emulator } = stage;
  const capture = await captureWebhooks();
  await emulator.subscribe({ url: capture.url });
  const noor = await emulator.contact({
    telephone: '+31655501234',
    name: 'Noor Visser',
    channel: 'whatsapp',
  });
  const sam = await emulator.agent({ name: 'Sam' });
  const { token, refreshToken, secret, organization } = emulator.credentials;
  return {
    adapter: stage.open(),
    open: (account) => stage.open({}, { account }),
    secrets: [token, refreshToken, secret],
    known: {
      conversationId: `leads:${noor.conversationId}`,
      contactId: `leads:${noor.contactId}`,
      assigneeId: `leads:${sam.userId}`,
      address: { phone: '+31655501234' },
    },
    unknownExternalId: '0'.repeat(24),
    consumer: {
      // A moment passes, so that the order of messages is the order of their times.
      says: (text) => {
        emulator.clock.advance(10);
        noor.say(text);
      },
      received: () => noor.received.map(({ text }) => text ?? ''),
    },
    webhooks: {
      ...firstsAndDuplicates(capture, keyOf),
      sign: (body, own = secret) => ({
        method: 'POST',
        url: '/webhooks/leads',
        headers: {
          'content-type': 'application/json',
          'x-hub-signature': `sha1=${createHmac('sha1', own).update(body).digest('hex')}`,
        },
        body,
      }),
      unknownEvent: {
        id: 'b6f0a4de-df7b-11ee-8f1c-0242ac130003',
        event: 'shop.open',
        timestamp: '2024-03-11T08:21:44.902Z',
        organization,
        activity: { type: 'Open', published: '2024-03-11T08:21:44.870Z' },
        data: { shop: { id: '64d2c3b4a5968700143f1d11' } },
      },
    },
    fail: (fault) => emulator.faults.next({ ...FAULTS[fault] }),
    spoilNextList: () => {
      const body = [{ id: 42 }, ...emulator.conversations.list()];
      emulator.faults.next({ kind: 'status', status: 200, route: 'GET /v2/conversations', body });
    },
    messagesPerPage: 3,
    close: async () => {
      await stage.close();
      await capture.close();
    },
  };
}

/** Event and record: what a first delivery and its repetition have in common. */
function keyOf({ body }: WebhookRequest): string {
  const { event, activity, data } = JSON.parse(Buffer.from(body).toString('utf8'));
  return `${event} ${activity.object.id} ${data.conversation?.updatedAt}`;
}
