import { externalIdOf, type WebhookRequest } from '@parley/core';
import { anAccount } from '../account-context.js';
import type { AdapterHarness, Fault } from '../adapter-conformance/harness.js';
import type { FakeFailure } from './failures.js';
import { type FakeAdapterOptions, fakeAdapter } from './fake-adapter.js';

/** An answer that cannot be read says nothing about whether the work was done. */
const FAILURES: Record<Fault, FakeFailure> = {
  'rate limited': 'rate limited',
  unavailable: 'unavailable',
  rejected: 'rejected',
  malformed: 'lost answer',
  'lost answer': 'lost answer',
  'lost request': 'lost request',
};

/** The made-up provider under the conformance suite: the shortest harness there is, to read beside your own. */
export function fakeHarness(options: FakeAdapterOptions = {}): AdapterHarness {
  const secret = 'a-secret-of-webhooks';
  const fake = fakeAdapter({ ...options, secret });
  const adapter = fake.open(anAccount());
  const conversationId = fake.conversationWith();
  const captured: WebhookRequest[] = [];
  fake.deliverTo(async (request) => {
    captured.push(request);
    return { status: 200 };
  });
  const next = async (): Promise<WebhookRequest> => {
    const request = captured.shift();
    if (request === undefined) throw new Error('No webhook came.');
    return request;
  };
  return {
    adapter,
    open: (account) => fake.open(anAccount({ name: account })),
    secrets: [secret],
    known: { conversationId, contactId: 'leads:contact-1', address: { phone: '+31600000000' } },
    unknownExternalId: 'conversation-999',
    consumer: {
      says: async (text) => {
        await fake.says(text);
      },
      received: () =>
        fake.world.messages
          .filter(
            ({ author, note, conversation }) =>
              author.role !== 'contact' && !note && conversation === externalIdOf(conversationId),
          )
          .flatMap(({ content }) => (content.kind === 'text' ? [content.text] : [])),
    },
    ...(options.feed === true
      ? {}
      : {
          webhooks: {
            next,
            again: async () => {
              await fake.redelivers();
              return next();
            },
            sign: (body, other) => fake.signs(body, other),
            unknownEvent: {
              events: [{ key: 'event-1', type: 'weather.changed', at: '2026-01-01T00:00:00.000Z' }],
            },
          },
        }),
    fail: (fault) => fake.failNext(FAILURES[fault]),
    close: () => adapter.close(),
  };
}
