import { decode } from '@parley/adapter-kit';
import type { CallOptions, Id, MessagePort, SentMessage } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispMessage, toIsoTime } from './from-crisp.js';
import {
  type IdReader,
  messageEventId,
  type Place,
  toFingerprint,
  toMessageId,
  type Viewpoint,
} from './ids.js';
import { expectStored, orNothing, type Storing } from './look-up.js';
import { ACCEPTS, toCrispContent, toCrispMessage } from './to-crisp.js';
import { MessageCodec } from './wire/codecs.js';
import type { CrispAuthor } from './wire/message.js';

export interface MessageSetup extends Storing {
  api: CrispApi;
  view: Viewpoint;
  ids: IdReader;
  author?: CrispAuthor;
  readOr<T>(read: () => T): T | undefined;
  permit(what: string, options: CallOptions | undefined): void;
}

const inSession = ({ id, website }: Place) => ({ session: id, ...(website !== undefined && { website }) });

/** Messages: by the fingerprint that the sender chooses. */
export function createMessages(setup: MessageSetup): Required<MessagePort> {
  const { api, view, ids, clock, author, permit } = setup;
  const read = (source: unknown, place: Place) =>
    fromCrispMessage(decode(MessageCodec, source, 'Crisp message'), view, place);

  return {
    accepts: ACCEPTS,
    send: async ({ conversationId, key, ...utterance }, options) => {
      permit('messages.send', options);
      const place = ids.place(conversationId);
      const fingerprint = toFingerprint(view.owner, place.id, key);
      const body = toCrispMessage({ ...utterance, fingerprint, ...(author && { author }) });
      await api.messages.send({ ...inSession(place), body }, options);
      return toSent(conversationId, fingerprint, clock.now());
    },
    find: async ({ conversationId, key }, since, options) => {
      permit('messages.find', options);
      const place = ids.place(conversationId);
      const fingerprint = toFingerprint(view.owner, place.id, key);
      const found = await orNothing(api.messages.get({ ...inSession(place), fingerprint }, options));
      if (found !== undefined) return toSent(conversationId, fingerprint, found.timestamp ?? clock.now());
      expectStored(setup, since);
      return undefined;
    },
    async *list(conversationId, options) {
      permit('messages.list', options);
      const place = ids.place(conversationId);
      for await (const item of api.eachMessage(inSession(place), options)) {
        const message = setup.readOr(() => read(item, place));
        if (message !== undefined) yield message;
      }
    },
    get: async (id, options) => {
      permit('messages.get', options);
      const { fingerprint, ...place } = ids.message(id);
      return read(await api.messages.get({ ...inSession(place), fingerprint }, options), place);
    },
    edit: async (id, content, options) => {
      permit('messages.edit', options);
      const { fingerprint, ...place } = ids.message(id);
      const body = { content: toCrispContent(content, fingerprint).content };
      await api.messages.update({ ...inSession(place), fingerprint, body }, options);
    },
    delete: async (id, options) => {
      permit('messages.delete', options);
      const { fingerprint, ...place } = ids.message(id);
      await api.messages.remove({ ...inSession(place), fingerprint }, options);
    },
    typing: async (conversationId, on, options) => {
      permit('messages.typing', options);
      const body = { type: on ? 'start' : 'stop', from: 'operator', automated: true } as const;
      await api.messages.compose({ ...inSession(ids.place(conversationId)), body }, options);
    },
  };
}

function toSent(conversationId: Id, fingerprint: number, at: number): SentMessage {
  const id = toMessageId(conversationId, fingerprint);
  return { id, at: toIsoTime(at), eventId: messageEventId(id) };
}
