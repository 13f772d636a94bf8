import assert from 'node:assert/strict';
import type { Adapter, Content, ContentKind, ContentLimits } from '@parley/core';
import { eventually } from '../eventually.js';
import { all, type Case, rejectsWith, sendingOf } from './case.js';
import type { AdapterHarness } from './harness.js';

const sends = (adapter: Adapter): boolean => adapter.messages !== undefined;
const sendsAndLists = (adapter: Adapter): boolean => adapter.messages?.list !== undefined;
const sendsAndFinds = (adapter: Adapter): boolean => adapter.messages?.find !== undefined;

/** A moment before anything that a case does, by any clock that is less than a minute off. */
const before = (): string => new Date(Date.now() - 60_000).toISOString();

export const sendingCases: Case[] = [
  {
    name: 'sends text and lists it back',
    applies: sendsAndLists,
    async check(harness) {
      const { port, conversationId, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      const sent = await port.send(wanted);
      assert.ok(!Number.isNaN(Date.parse(sent.at)), 'sent.at is not a time');

      const listed = await all(port.list?.(conversationId) ?? none());
      const found = listed.filter(
        ({ content }) => content.kind === 'text' && content.text === wanted.content.text,
      );
      assert.equal(found.length, 1, 'the sent text is not listed exactly once');
      assert.equal(found[0]?.direction, 'out');
      if (sent.id !== undefined) assert.equal(found[0]?.id, sent.id, 'send and list name different ids');
      assert.equal(
        await timesReceived(wanted.content.text),
        1,
        'the text did not reach the person exactly once',
      );
    },
  },
  {
    name: 'lists the newest first, every message once, over the edge of a page, and ends',
    applies: sendsAndLists,
    async check(harness) {
      const { port, conversationId, consumer } = sendingOf(harness);
      const texts = Array.from(
        { length: (harness.messagesPerPage ?? 3) + 2 },
        (_, index) => `number ${index}`,
      );
      for (const text of texts) await consumer.says(text);

      const listed = await all(port.list?.(conversationId) ?? none());
      const ids = new Set(listed.map(({ id }) => id));
      assert.equal(ids.size, listed.length, 'a message is listed twice');
      const said = listed.flatMap(({ content }) =>
        content.kind === 'text' && texts.includes(content.text) ? [content.text] : [],
      );
      assert.deepEqual(said, [...texts].reverse());

      const two = await all(port.list?.(conversationId, { limit: 2 }) ?? none());
      assert.equal(two.length, 2, 'limit: 2 does not list two');
    },
  },
  {
    name: 'keeps a note from the person',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const note = request();
      const marker = request();
      try {
        await port.send({ ...note, note: true });
      } catch (error) {
        await rejectsWith(Promise.reject(error), 'ERR_UNSUPPORTED');
      }
      await port.send(marker);
      assert.equal(await timesReceived(marker.content.text), 1);
      assert.equal(await timesReceived(note.content.text), 0, 'the person has seen a note');
    },
  },
  {
    name: 'sends every kind of content that it says it accepts',
    applies: sends,
    async check(harness) {
      const { port, request } = sendingOf(harness);
      for (const content of contentsFor(port.accepts, harness)) {
        const { at } = await port.send({ ...request(), content });
        assert.ok(!Number.isNaN(Date.parse(at)), `${content.kind}: no time of sending`);
      }
    },
  },
  {
    name: 'names a conversation that the provider does not know ERR_NOT_FOUND',
    applies: sends,
    async check(harness) {
      const { adapter, port, request } = sendingOf(harness);
      const conversationId = `${adapter.account}:${harness.unknownExternalId}`;
      await rejectsWith(port.send({ ...request(), conversationId }), 'ERR_NOT_FOUND');
    },
  },
  {
    name: 'waits out a rate limit and sends once',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      await harness.fail('rate limited');
      await port.send(wanted);
      assert.equal(await timesReceived(wanted.content.text), 1);
    },
  },
  {
    name: 'makes one attempt when told not to repeat, and says that it was the rate',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      await harness.fail('rate limited');
      await rejectsWith(port.send(wanted, { retry: false }), 'ERR_RATE_LIMITED');
      assert.equal(await timesReceived(wanted.content.text), 0, 'it was sent in spite of the error');
    },
  },
  {
    name: 'does not repeat a send that may have arrived',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived, consumer } = sendingOf(harness);
      const wanted = request();
      await harness.fail('lost answer');
      await rejectsWith(port.send(wanted), 'ERR_OUTCOME_UNKNOWN');
      await eventually(
        async () => (await consumer.received()).includes(wanted.content.text),
        () => 'the harness said "lost answer", and the send was not carried out',
      );
      assert.equal(await timesReceived(wanted.content.text), 1, 'the send was repeated');
    },
  },
  {
    name: 'finds a send whose answer was lost, exactly once',
    applies: sendsAndFinds,
    async check(harness) {
      const { port, request, consumer, conversationId } = sendingOf(harness);
      const wanted = request();
      const since = before();
      await harness.fail('lost answer');
      await rejectsWith(port.send(wanted, { retry: false }), 'ERR_OUTCOME_UNKNOWN');
      await eventually(
        async () => (await consumer.received()).includes(wanted.content.text),
        () => 'the harness said "lost answer", and the send was not carried out',
      );
      const found = await port.find?.(wanted, since);
      assert.ok(found, 'a send that was carried out is not found');
      const listed = await all(port.list?.(conversationId) ?? none());
      const same = listed.filter(
        ({ content }) => content.kind === 'text' && content.text === wanted.content.text,
      );
      if (port.list !== undefined)
        assert.deepEqual(
          same.map(({ id }) => id),
          [found.id],
        );
    },
  },
  {
    name: 'says that a send which never arrived was not found',
    applies: sendsAndFinds,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      const since = before();
      await harness.fail('lost request');
      await rejectsWith(port.send(wanted, { retry: false }), 'ERR_OUTCOME_UNKNOWN', 'ERR_UNAVAILABLE');
      assert.equal(await port.find?.(wanted, since), undefined);
      assert.equal(await timesReceived(wanted.content.text), 0);
    },
  },
  {
    name: 'does not take an equal text of somebody else for the send it looks for',
    applies: sendsAndFinds,
    async check(harness) {
      const { port, request, consumer } = sendingOf(harness);
      const wanted = request();
      await consumer.says(wanted.content.text);
      assert.equal(await port.find?.(wanted, before()), undefined);
    },
  },
  {
    name: 'never sends twice because the provider was unavailable',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      await harness.fail('unavailable');
      const outcome = await port.send(wanted).then(
        () => 'sent',
        (error: unknown) => error,
      );
      const expected = outcome === 'sent' ? 1 : 0;
      if (outcome !== 'sent') {
        await rejectsWith(Promise.reject(outcome), 'ERR_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN');
      }
      assert.equal(await timesReceived(wanted.content.text), expected);
    },
  },
  {
    name: 'calls a refusal ERR_REJECTED and does not repeat it',
    applies: sends,
    async check(harness) {
      const { port, request, timesReceived } = sendingOf(harness);
      const wanted = request();
      await harness.fail('rejected');
      await rejectsWith(port.send(wanted), 'ERR_REJECTED');
      assert.equal(await timesReceived(wanted.content.text), 0);
    },
  },
];

/** One content of every kind in `accepts`: the harness's own, or one that any provider could take. */
function contentsFor(accepts: ContentLimits, harness: AdapterHarness): Content[] {
  const types = accepts.choices?.types ?? [];
  const choices = [
    { type: 'reply' as const, label: 'Yes', value: 'yes' },
    { type: 'postback' as const, label: 'No', value: 'no' },
    { type: 'link' as const, label: 'Read', url: 'https://example.com/read' },
  ].filter(({ type }) => types.includes(type));
  const mediaUrl = 'https://example.com/picture.png';
  const samples: Partial<Record<ContentKind, Content>> = {
    text: { kind: 'text', text: 'conformance' },
    media: { kind: 'media', url: mediaUrl, mimeType: 'image/png' },
    location: { kind: 'location', latitude: 52.37, longitude: 4.89, label: 'Amsterdam' },
    choices: { kind: 'choices', text: 'Well?', choices: choices.slice(0, accepts.choices?.max) },
    carousel: {
      kind: 'carousel',
      cards: [
        { title: 'One', mediaUrl },
        { title: 'Two', mediaUrl },
      ],
    },
    template: { kind: 'template', template: 'welcome', language: 'en', variables: { name: 'Noor' } },
    field: { kind: 'field', key: 'plate', value: 'AB-12-CD' },
  };
  return Object.keys(accepts).flatMap((kind) => {
    const content = harness.contents?.[kind as ContentKind] ?? samples[kind as ContentKind];
    assert.ok(content, `accepts.${kind} is not a kind of content that can be sent`);
    return [content];
  });
}

async function* none(): AsyncGenerator<never> {}
