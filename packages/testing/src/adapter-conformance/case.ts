import assert from 'node:assert/strict';
import {
  type Adapter,
  type Content,
  type ErrorCode,
  type Event,
  type Id,
  isParleyError,
  type MessagePort,
  type ParleyError,
  type SendRequest,
  type WebhookPort,
  type WebhookRequest,
} from '@parley/core';
import type { AdapterHarness, HarnessConsumer, HarnessWebhooks } from './harness.js';

/** One promise of the adapter contract. */
export interface Case {
  /** A sentence: what the adapter does. */
  name: string;
  /** False: the promise is about something this adapter does not have. */
  applies(adapter: Adapter, harness: AdapterHarness): boolean;
  check(harness: AdapterHarness): Promise<void>;
}

/** What a case about sending works with. */
export interface Sending {
  adapter: Adapter;
  port: MessagePort;
  consumer: HarnessConsumer;
  conversationId: Id;
  /** A text of its own, so that it is found among others. */
  request(text?: string): SendRequest & { content: Extract<Content, { kind: 'text' }> };
  /** How often a text has reached the person. */
  timesReceived(text: string): Promise<number>;
}

let made = 0;

export function sendingOf({ adapter, consumer, known }: AdapterHarness): Sending {
  const port = adapter.messages;
  const { conversationId } = known;
  assert.ok(port, 'the adapter has no messages port');
  assert.ok(consumer, 'the adapter has messages: the harness needs a consumer');
  assert.ok(conversationId, 'the adapter has messages: the harness needs known.conversationId');
  return {
    adapter,
    port,
    consumer,
    conversationId,
    request(text) {
      made += 1;
      const content = { kind: 'text' as const, text: text ?? `conformance text ${made}` };
      return { conversationId, content, key: `conformance-${made}` };
    },
    timesReceived: async (text) => (await consumer.received()).filter((one) => one === text).length,
  };
}

/** What a case about webhooks works with. */
export interface Receiving {
  port: WebhookPort;
  webhooks: HarnessWebhooks;
  receive(request: WebhookRequest): Promise<Event[]>;
  /** The person writes; returns the delivery that brought it, and what the adapter made of it. */
  inbound(text: string): Promise<{ request: WebhookRequest; events: Event[] }>;
}

export function receivingOf({ adapter, webhooks, consumer }: AdapterHarness): Receiving {
  const port = adapter.webhook;
  assert.ok(port, 'the adapter has no webhook');
  assert.ok(webhooks, 'the adapter has a webhook: the harness needs webhooks');
  assert.ok(consumer, 'the adapter has a webhook: the harness needs a consumer');
  const receive = async (request: WebhookRequest): Promise<Event[]> => {
    const result = await port.receive(request);
    assert.equal(result.kind, 'events', 'a delivery was not answered with events');
    return result.kind === 'events' ? result.events : [];
  };
  return {
    port,
    webhooks,
    receive,
    async inbound(text) {
      await consumer.says(text);
      for (;;) {
        const request = await webhooks.next();
        const events = await receive(request);
        if (events.some((event) => saysText(event, text))) return { request, events };
      }
    },
  };
}

/** False where a feed tells how campaigns go and nothing else: who cannot write to a person does not hear one, either. */
export function hasTalkingFeed({ feed, messages }: Adapter): boolean {
  return feed !== undefined && messages !== undefined;
}

export function saysText(event: Event, text: string): boolean {
  return (
    event.name === 'message.received' &&
    event.message.content.kind === 'text' &&
    event.message.content.text === text
  );
}

/** The error a call rejects with. Fails if it resolves, or rejects with something that has no code. */
export async function errorOf(call: Promise<unknown>): Promise<ParleyError> {
  try {
    await call;
  } catch (error) {
    assert.ok(isParleyError(error), `expected an error with a code of Parley, got ${describe(error)}`);
    return error;
  }
  assert.fail('expected the call to reject, and it resolved');
}

export async function rejectsWith(call: Promise<unknown>, ...codes: ErrorCode[]): Promise<ParleyError> {
  const error = await errorOf(call);
  assert.ok(
    codes.includes(error.code),
    `expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`,
  );
  return error;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Everything an iterable gives. Fails if it does not end within `most` items. */
export async function all<T>(items: AsyncIterable<T>, most = 1_000): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
    assert.ok(found.length <= most, `the list did not end after ${most} items`);
  }
  return found;
}
