import assert from 'node:assert/strict';
import type { Adapter, Event, WebhookRequest } from '@parley/core';
import { type Case, hasTalkingFeed, receivingOf, rejectsWith, saysText } from './case.js';

const hasWebhook = (adapter: Adapter): boolean => adapter.webhook !== undefined;

/** `receive` may throw instead of rejecting: both are refusals. */
const received = async (receive: (request: WebhookRequest) => unknown, request: WebhookRequest) =>
  receive(request);

export const receivingCases: Case[] = [
  {
    name: 'turns a signed webhook into message.received',
    applies: hasWebhook,
    async check(harness) {
      const { inbound } = receivingOf(harness);
      const { events } = await inbound('hello from outside');
      const event = events.find((one) => saysText(one, 'hello from outside'));
      assert.ok(event?.name === 'message.received');
      assert.equal(event.conversationId, harness.known.conversationId);
      assert.equal(event.message.direction, 'in');
      assert.equal(event.message.author.role, 'contact');
    },
  },
  {
    name: 'gives the same event the same id on every delivery',
    applies: hasWebhook,
    async check(harness) {
      const { inbound, receive, webhooks } = receivingOf(harness);
      const { request, events } = await inbound('once more');
      const ids = idsOf(events);
      assert.deepEqual(idsOf(await receive(request)), ids, 'the same bytes gave other ids');
      assert.deepEqual(idsOf(await receive(await webhooks.again())), ids, 'the redelivery gave other ids');
    },
  },
  {
    name: 'gives different events different ids, also for equal texts',
    applies: hasWebhook,
    async check(harness) {
      const { inbound } = receivingOf(harness);
      const ids: string[] = [];
      for (const text of ['yes', 'yes', 'no']) ids.push(...idsOf((await inbound(text)).events));
      assert.equal(new Set(ids).size, ids.length, `ids are not unique: ${ids.join(', ')}`);
    },
  },
  {
    name: 'refuses a webhook whose body was changed, wherever it was changed',
    applies: hasWebhook,
    async check(harness) {
      const { inbound, port } = receivingOf(harness);
      const { request } = await inbound('do not touch');
      const { length } = request.body;
      for (const place of [0, length >> 2, length >> 1, length - 1]) {
        const body = Buffer.from(request.body);
        body.writeUInt8((body.readUInt8(place) ^ 1) & 0xff, place);
        await rejectsWith(received(port.receive, { ...request, body }), 'ERR_SIGNATURE');
      }
      const longer = Buffer.concat([request.body, Buffer.from(' ')]);
      await rejectsWith(received(port.receive, { ...request, body: longer }), 'ERR_SIGNATURE');
    },
  },
  {
    name: 'refuses a webhook that is not signed, or signed with another secret',
    applies: hasWebhook,
    async check(harness) {
      const { inbound, port, webhooks } = receivingOf(harness);
      const { request } = await inbound('who says so?');
      const forged = webhooks.sign(request.body, 'another-secret');
      await rejectsWith(received(port.receive, forged), 'ERR_SIGNATURE');
      for (const name of Object.keys(request.headers).filter((one) => one.includes('signature'))) {
        for (const value of [undefined, '', 'sha1=', 'nonsense', ['a', 'b']]) {
          const headers = { ...request.headers, [name]: value };
          await rejectsWith(received(port.receive, { ...request, headers }), 'ERR_SIGNATURE');
        }
      }
      await rejectsWith(received(port.receive, { ...request, headers: {} }), 'ERR_SIGNATURE');
    },
  },
  {
    name: 'reads the body as bytes: a pretty-printed one with its own signature is the same event',
    applies: hasWebhook,
    async check(harness) {
      const { inbound, receive, webhooks } = receivingOf(harness);
      const { request, events } = await inbound('Straße 🚲');
      const pretty = JSON.stringify(JSON.parse(Buffer.from(request.body).toString('utf8')), null, 2);
      const again = await receive({ ...webhooks.sign(Buffer.from(pretty)), url: request.url });
      assert.deepEqual(idsOf(again), idsOf(events));
    },
  },
  {
    name: 'refuses what is not JSON, or JSON of another shape, with ERR_UNEXPECTED_PAYLOAD',
    applies: hasWebhook,
    async check(harness) {
      const { port, webhooks } = receivingOf(harness);
      for (const text of ['', 'hello', '{"event":', 'null', '7', '[]', '{}', '"text"']) {
        await rejectsWith(received(port.receive, webhooks.sign(Buffer.from(text))), 'ERR_UNEXPECTED_PAYLOAD');
      }
    },
  },
  {
    name: 'passes an event it does not know as provider.event, with its payload and the same id each time',
    applies: hasWebhook,
    async check(harness) {
      const { receive, webhooks } = receivingOf(harness);
      const request = webhooks.sign(Buffer.from(JSON.stringify(webhooks.unknownEvent)));
      const events = await receive(request);
      assert.deepEqual(
        events.map(({ name }) => name),
        ['provider.event'],
      );
      assert.ok(
        events[0]?.name === 'provider.event' && events[0].payload !== undefined,
        'the payload is missing',
      );
      assert.deepEqual(idsOf(await receive(request)), idsOf(events));
    },
  },
  {
    name: 'brings what a person writes through the feed, and ends it when the signal fires',
    applies: hasTalkingFeed,
    async check(harness) {
      const { adapter, consumer } = harness;
      assert.ok(adapter.feed && consumer, 'the adapter has a feed: the harness needs a consumer');
      const stop = new AbortController();
      const reading = (async () => {
        for await (const batch of adapter.feed?.events(stop.signal) ?? []) {
          if (batch.some((event) => saysText(event, 'through the feed'))) return batch;
        }
        return [];
      })();
      await consumer.says('through the feed');
      const batch = await reading;
      assert.equal(batch.filter((event) => saysText(event, 'through the feed')).length, 1);
      assert.equal(new Set(idsOf(batch)).size, batch.length);

      stop.abort();
      const after = adapter.feed.events(stop.signal)[Symbol.asyncIterator]();
      const ended = await after
        .next()
        .catch((error: unknown) => rejectsWith(Promise.reject(error), 'ERR_ABORTED'));
      assert.ok(!('done' in ended) || ended.done, 'the feed goes on after its signal has fired');
    },
  },
];

const idsOf = (events: readonly Event[]): string[] => events.map(({ id }) => id);
