import type { CallOptions, Id } from '@parley/core';
import type { AdapterHarness } from './harness.js';

type Call = (options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/** Every call of the adapter's ports that leaves the process, with arguments the provider would take. */
export function callsOf(
  harness: AdapterHarness,
): [name: string, run: (options: CallOptions) => Promise<unknown>][] {
  const calls: [string, Call][] = [
    ...conversationCalls(harness),
    ...messageCalls(harness),
    ...contactCalls(harness),
    ...Object.entries(harness.moreCalls ?? {}),
  ];
  return calls.map(([name, call]) => [name, async (options) => firstOf(call(options))]);
}

/** A list does nothing until somebody asks for its first item. */
async function firstOf(result: Promise<unknown> | AsyncIterable<unknown>): Promise<unknown> {
  if (!(Symbol.asyncIterator in result)) return result;
  for await (const item of result) return item;
  return undefined;
}

/** Leaves out what the port does not have. */
function present(calls: Record<string, Call | undefined | false>): [string, Call][] {
  return Object.entries(calls).flatMap(([name, call]): [string, Call][] => (call ? [[name, call]] : []));
}

function conversationCalls({ adapter, known, unknownExternalId }: AdapterHarness): [string, Call][] {
  const port = adapter.conversations;
  if (port === undefined) return [];
  const id: Id = known.conversationId ?? `${adapter.account}:${unknownExternalId}`;
  const assignee = known.assigneeId;
  const open = {
    to: { channel: 'whatsapp', value: '+31600000099' },
    contents: [{ kind: 'text' as const, text: 'hello' }],
    key: 'conformance-open',
  };
  return present({
    'conversations.get': (options) => port.get(id, options),
    'conversations.list': (options) => port.list({}, options),
    'conversations.open': port.open && ((options) => port.open?.(open, options) ?? nothing()),
    'conversations.findOpened':
      port.findOpened && ((options) => port.findOpened?.(open, LONG_AGO, options) ?? nothing()),
    'conversations.setStatus':
      port.setStatus && ((options) => port.setStatus?.(id, 'closed', options) ?? nothing()),
    'conversations.assign':
      port.assign &&
      assignee !== undefined &&
      ((options) => port.assign?.(id, [assignee], options) ?? nothing()),
    'conversations.setFields':
      port.setFields && ((options) => port.setFields?.(id, { conformance: 'yes' }, options) ?? nothing()),
    'conversations.handOver':
      port.handOver && ((options) => port.handOver?.(id, { reason: 'conformance' }, options) ?? nothing()),
  });
}

function messageCalls({ adapter, known, unknownExternalId }: AdapterHarness): [string, Call][] {
  const port = adapter.messages;
  if (port === undefined) return [];
  const unknown: Id = `${adapter.account}:${unknownExternalId}`;
  const conversationId = known.conversationId ?? unknown;
  const content = { kind: 'text' as const, text: 'hello' };
  const request = { conversationId, content, key: 'conformance-call' };
  return present({
    'messages.send': (options) => port.send(request, options),
    'messages.find': port.find && ((options) => port.find?.(request, LONG_AGO, options) ?? nothing()),
    'messages.list': port.list && ((options) => port.list?.(conversationId, options) ?? nothing()),
    'messages.get': port.get && ((options) => port.get?.(unknown, options) ?? nothing()),
    'messages.edit': port.edit && ((options) => port.edit?.(unknown, content, options) ?? nothing()),
    'messages.delete': port.delete && ((options) => port.delete?.(unknown, options) ?? nothing()),
    'messages.typing':
      port.typing && ((options) => port.typing?.(conversationId, true, options) ?? nothing()),
  });
}

function contactCalls({ adapter, known, unknownExternalId }: AdapterHarness): [string, Call][] {
  const port = adapter.contacts;
  if (port === undefined) return [];
  const unknown: Id = `${adapter.account}:${unknownExternalId}`;
  return present({
    'contacts.get': (options) => port.get(known.contactId ?? unknown, options),
    'contacts.find': (options) => port.find(known.address ?? { phone: '+31600000098' }, options),
    'contacts.list': (options) => port.list(options),
    'contacts.create':
      port.create &&
      ((options) => port.create?.({ name: 'Conformance', phone: '+31600000097' }, options) ?? nothing()),
    'contacts.update':
      port.update && ((options) => port.update?.(unknown, { name: 'Other' }, options) ?? nothing()),
    'contacts.delete': port.delete && ((options) => port.delete?.(unknown, options) ?? nothing()),
  });
}

const LONG_AGO = '2020-01-01T00:00:00.000Z';
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
