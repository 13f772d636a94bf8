import assert from 'node:assert/strict';
import {
  type Adapter,
  accountOf,
  type Contact,
  type Conversation,
  type Event,
  type Message,
} from '@parley/core';
import { all, type Case, hasTalkingFeed, receivingOf, rejectsWith, sendingOf } from './case.js';
import type { AdapterHarness } from './harness.js';
import { notPlainJson } from './plain-json.js';
import { recordChecks } from './record-shape.js';

/** What each port must have; everything else is optional in the contract itself. */
const OBLIGATORY: Record<string, readonly string[]> = {
  conversations: ['get', 'list'],
  messages: ['accepts', 'send'],
  contacts: ['get', 'find', 'list'],
  webhook: ['receive'],
  feed: ['events'],
};

/** Records of the model that this adapter has returned, of every kind it can. */
interface Seen {
  conversations: Conversation[];
  messages: Message[];
  contacts: Contact[];
  events: Event[];
  others: unknown[];
}

export const recordCases: Case[] = [
  {
    name: 'has whole ports, and is tested with all of them',
    applies: () => true,
    async check({ adapter, consumer, webhooks, known }) {
      for (const [port, methods] of Object.entries(OBLIGATORY)) {
        const there = adapter[port as keyof Adapter] as Record<string, unknown> | undefined;
        if (there === undefined) continue;
        for (const method of methods) assert.ok(there[method] !== undefined, `${port} has no ${method}`);
      }
      const { messages, webhook, conversations } = adapter;
      const inbound = webhook !== undefined || hasTalkingFeed(adapter);
      assert.equal(webhooks !== undefined, webhook !== undefined, 'webhook: adapter and harness differ');
      assert.equal(
        consumer !== undefined,
        inbound || messages !== undefined,
        'consumer: adapter and harness differ',
      );
      if (messages ?? conversations)
        assert.ok(known.conversationId, 'the harness needs known.conversationId');
      assert.ok(adapter.provider !== '' && typeof adapter.api === 'object', 'provider or api is missing');
    },
  },
  {
    name: 'prefixes every id with its account',
    applies: () => true,
    async check(harness) {
      const { account } = harness.adapter;
      const { conversations, messages, contacts, events } = await look(harness);
      for (const { id } of [...conversations, ...messages, ...contacts, ...events]) {
        assert.equal(accountOf(id), account);
      }
    },
  },
  {
    name: 'keeps the account names apart when two accounts of one provider are open',
    applies: (adapter) => adapter.conversations !== undefined || adapter.contacts !== undefined,
    async check(harness) {
      const other = harness.open('other-name');
      try {
        assert.equal(other.account, 'other-name');
        const check = recordChecks('other-name', other.provider);
        const { conversationId, contactId } = harness.known;
        const asOther = (id: string): string => `other-name:${id.slice(id.indexOf(':') + 1)}`;
        if (conversationId !== undefined && other.conversations !== undefined) {
          assert.deepEqual(check.conversation(await other.conversations.get(asOther(conversationId))), []);
          const first = await harness.adapter.conversations?.get(conversationId);
          assert.equal(first?.id, conversationId, 'the first account answers under another name');
        }
        if (contactId !== undefined && other.contacts !== undefined) {
          assert.deepEqual(check.contact(await other.contacts.get(asOther(contactId))), []);
        }
      } finally {
        await other.close();
      }
    },
  },
  {
    name: 'returns records of the shared shape, with no key of its own',
    applies: () => true,
    async check(harness) {
      const { adapter } = harness;
      const check = recordChecks(adapter.account, adapter.provider);
      const { conversations, messages, contacts, events } = await look(harness);
      assert.deepEqual(conversations.flatMap(check.conversation), []);
      assert.deepEqual(messages.flatMap(check.message), []);
      assert.deepEqual(contacts.flatMap(check.contact), []);
      assert.deepEqual(events.flatMap(check.event), []);
    },
  },
  {
    name: 'returns plain JSON: what is missing is a missing key',
    applies: () => true,
    async check(harness) {
      const { conversations, messages, contacts, events, others } = await look(harness);
      const everything = { conversations, messages, contacts, events, others };
      assert.deepEqual(notPlainJson(everything, 'returned'), []);
    },
  },
  {
    name: 'names an unknown conversation ERR_NOT_FOUND',
    applies: (adapter) => adapter.conversations !== undefined,
    async check({ adapter, unknownExternalId }) {
      const call = adapter.conversations?.get(`${adapter.account}:${unknownExternalId}`);
      await rejectsWith(Promise.resolve(call), 'ERR_NOT_FOUND');
    },
  },
  {
    name: 'names an unknown contact ERR_NOT_FOUND, and finds nobody at an unknown address',
    applies: (adapter) => adapter.contacts !== undefined,
    async check({ adapter, unknownExternalId }) {
      const call = adapter.contacts?.get(`${adapter.account}:${unknownExternalId}`);
      await rejectsWith(Promise.resolve(call), 'ERR_NOT_FOUND');
      assert.equal(await adapter.contacts?.find({ phone: '+31600000098' }), undefined);
    },
  },
  {
    name: 'finds a contact by its address',
    applies: (adapter, { known }) => adapter.contacts !== undefined && known.address !== undefined,
    async check({ adapter, known }) {
      const found = known.address && (await adapter.contacts?.find(known.address));
      assert.equal(found?.id, known.contactId);
    },
  },
  {
    name: 'opens one conversation for one address, and posts in order',
    applies: (adapter) => adapter.conversations?.open !== undefined && adapter.messages?.list !== undefined,
    async check({ adapter }) {
      const to = { channel: 'whatsapp', value: '+31600000096', name: 'Sam' };
      const texts = ['first', 'second'];
      const contents = texts.map((text) => ({ kind: 'text' as const, text }));
      const first = await adapter.conversations?.open?.({ to, contents, key: 'open-1' });
      const again = await adapter.conversations?.open?.({ to, contents: [], key: 'open-2' });
      assert.ok(first && again);
      assert.equal(again.conversation.id, first.conversation.id, 'the same person got a second conversation');
      assert.deepEqual([first.created, again.created], [true, false]);

      const listed = await all(adapter.messages?.list?.(first.conversation.id) ?? nothing());
      const posted = listed.flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
      assert.deepEqual(
        posted.filter((text) => texts.includes(text)),
        ['second', 'first'],
      );
      const last = listed.find(({ content }) => content.kind === 'text' && content.text === 'second');
      assert.equal(first.messageId ?? last?.id, last?.id, 'the message that it names is not the last one');
    },
  },
  {
    name: 'keeps the good items of a list that holds one it cannot read',
    applies: (adapter, { spoilNextList }) =>
      adapter.conversations !== undefined && spoilNextList !== undefined,
    async check(harness) {
      const list = () => all(harness.adapter.conversations?.list() ?? nothing());
      const good = await list();
      assert.ok(good.length > 0, 'the emulator has no conversation to list');
      await harness.spoilNextList?.();
      assert.deepEqual(
        (await list()).map(({ id }) => id),
        good.map(({ id }) => id),
      );
    },
  },
  {
    name: 'repeats a read for which the provider was unavailable',
    applies: (adapter) => adapter.conversations !== undefined,
    async check({ adapter, known, fail }) {
      const id = known.conversationId ?? '';
      await fail('unavailable');
      assert.equal((await adapter.conversations?.get(id))?.id, id);
    },
  },
];

/** One look at everything the adapter returns. */
async function look(harness: AdapterHarness): Promise<Seen> {
  const { adapter, known } = harness;
  const { conversations, messages, contacts } = adapter;
  const seen: Seen = { conversations: [], messages: [], contacts: [], events: [], others: [] };
  if (adapter.webhook !== undefined) {
    const { inbound, receive, webhooks } = receivingOf(harness);
    seen.events.push(...(await inbound('look at me')).events);
    const unknown = webhooks.sign(Buffer.from(JSON.stringify(webhooks.unknownEvent)));
    seen.events.push(...(await receive(unknown)));
  }
  if (messages !== undefined) {
    const { port, request, conversationId } = sendingOf(harness);
    const wanted = request();
    seen.others.push(await port.send(wanted), port.accepts);
    if (port.list !== undefined) seen.messages.push(...(await all(port.list(conversationId))));
  }
  if (conversations !== undefined) {
    if (known.conversationId !== undefined)
      seen.conversations.push(await conversations.get(known.conversationId));
    seen.conversations.push(...(await all(conversations.list())));
  }
  if (contacts !== undefined) {
    if (known.contactId !== undefined) seen.contacts.push(await contacts.get(known.contactId));
    seen.contacts.push(...(await all(contacts.list())));
  }
  return seen;
}

async function* nothing(): AsyncGenerator<never> {}
