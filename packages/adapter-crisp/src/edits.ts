import { decode } from '@parley/adapter-kit';
import type { AccountContext, Awaitable, Event, FeedPort, Id, Message, WebhookPort } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispMessage } from './from-crisp.js';
import { textIn } from './from-crisp-content.js';
import { type IdReader, toMessageId, type Viewpoint } from './ids.js';
import { createRecentMap } from './recent-map.js';
import type { Webhook } from './webhook.js';
import { FingerprintCodec, MessageCodec } from './wire/codecs.js';

export interface EditsSetup {
  api: CrispApi;
  view: Viewpoint;
  ids: IdReader;
  context: Pick<AccountContext, 'name' | 'clock' | 'log'>;
}

/** All but what it says. */
type Head = Omit<Message, 'content' | 'status'>;

/** Messages of our side that are remembered; about as many again for a while. */
const MOST_MESSAGES = 2_000;
/** A hook is answered within a few seconds, and the socket's other events wait as well. */
const PATIENCE_MS = 3_000;

export interface Edits {
  hooks(port: Webhook): WebhookPort;
  feed(port: FeedPort): FeedPort;
}

/**
 * Tells which message it was whose text was changed: the platform's event tells neither its author nor whether it is a private note.
 * What has passed by is remembered, anything else is read. Where neither helps, it stays `provider.event`: a note that is taken for a
 * message might be shown to the visitor.
 */
export function createEdits(setup: EditsSetup): Edits {
  const heads = createRecentMap<Head>(MOST_MESSAGES);
  const remember = ({ content: _content, status: _status, ...head }: Message): Head => {
    heads.set(head.id, head);
    return head;
  };

  const headOf = async (id: Id, signal: AbortSignal | undefined): Promise<Head | undefined> =>
    heads.get(id) ?? (await readOrTell(setup, id, signal).then((read) => read && remember(read)));

  /** True if one of them is to be settled: nearly all come without any, and none of those is to wait. */
  const look = (events: readonly Event[]): boolean => {
    let hasEdit = false;
    for (const event of events) {
      // An answer has the id of the question.
      if ('message' in event && event.message.direction === 'out') remember(event.message);
      hasEdit ||= isEdit(event);
    }
    return hasEdit;
  };

  const settle = async (events: readonly Event[], signal?: AbortSignal): Promise<Event[]> => {
    const edits = events.map(editIn);
    const ids = new Set(edits.flatMap((edit) => edit?.messageId ?? []));
    // At once: what comes after them waits.
    const found = new Map(
      await Promise.all([...ids].map(async (id) => [id, await headOf(id, signal)] as const)),
    );
    return events.map((event, index) => {
      const edit = edits[index];
      const head = edit && found.get(edit.messageId);
      return edit === undefined || head === undefined ? event : edit.of(head);
    });
  };

  return {
    hooks: (port) => ({
      receive: (request) => {
        const result = port.receive(request);
        if (result.kind !== 'events' || !look(result.events)) return result;
        return settle(result.events).then((events) => ({ ...result, events }));
      },
    }),
    feed: (port) => ({
      events: (signal) =>
        each(port.events(signal), (events) => (look(events) ? settle(events, signal) : events)),
    }),
  };
}

async function* each(
  batches: AsyncIterable<readonly Event[]>,
  settle: (events: readonly Event[]) => Awaitable<readonly Event[]>,
): AsyncGenerator<readonly Event[], void, undefined> {
  for await (const events of batches) yield await settle(events);
}

function isEdit(event: Event): event is Event & { name: 'provider.event' } {
  return event.name === 'provider.event' && event.native === 'message:updated';
}

/** The change of a text, and the event that it is once the message is known. */
function editIn(event: Event): { messageId: Id; of(head: Head): Event } | undefined {
  if (!isEdit(event)) return undefined;
  const { payload, conversationId, ...rest } = event;
  const text = textIn(payload, 'content');
  if (text === undefined || conversationId === undefined) return undefined;
  const { fingerprint } = decode(FingerprintCodec, payload, 'Crisp message:updated');
  return {
    messageId: toMessageId(conversationId, fingerprint),
    of: (head) => ({
      ...rest,
      name: 'message.updated',
      conversationId,
      message: { ...head, content: { kind: 'text', text }, updatedAt: event.at },
    }),
  };
}

async function readOrTell(
  setup: EditsSetup,
  id: Id,
  signal: AbortSignal | undefined,
): Promise<Message | undefined> {
  const { name: account, clock, log } = setup.context;
  const late = new AbortController();
  const patience = clock.schedule(PATIENCE_MS, () => late.abort());
  try {
    return await read(setup, id, signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (!isParleyError(error)) throw error;
    const what =
      'Crisp: a text was changed, and it cannot be read whether it is a note: told as provider.event';
    log.warn({ account, code: error.code }, what);
    return undefined;
  } finally {
    patience.cancel();
  }
}

/** Undefined if the message does not say what it is. */
async function read(
  { api, view, ids }: EditsSetup,
  id: Id,
  signal: AbortSignal,
): Promise<Message | undefined> {
  const { fingerprint, ...place } = ids.message(id);
  const at = {
    session: place.id,
    ...(place.website !== undefined && { website: place.website }),
    fingerprint,
  };
  const source = decode(MessageCodec, await api.messages.get(at, { retry: false, signal }), 'Crisp message');
  return source.type ? fromCrispMessage(source, view, place) : undefined;
}
