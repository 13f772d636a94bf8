import { randomUUID } from 'node:crypto';
import { decode } from '@parley/adapter-kit';
import type { CallOptions, ConversationPort, ConversationQuery, Id, ListOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispConversation } from './from-crisp.js';
import { type IdReader, toFingerprint, toMessageId, type Viewpoint } from './ids.js';
import { expectStored, orNothing, type Storing } from './look-up.js';
import { findOpened, type Opened, type Opening, openConversation } from './open.js';
import { toCrispMessage, toCrispState, toListQuery, toMetaData } from './to-crisp.js';
import { createTurns } from './turns.js';
import { ConversationCodec } from './wire/codecs.js';
import type { CrispConversation } from './wire/conversation.js';
import type { CrispAuthor } from './wire/message.js';

export interface ConversationSetup extends Storing {
  api: CrispApi;
  view: Viewpoint;
  ids: IdReader;
  author?: CrispAuthor;
  websites(options: CallOptions | undefined): Promise<string[]>;
  tenant(named: string | undefined): string;
  readOr<T>(read: () => T): T | undefined;
  permit(what: string, options: CallOptions | undefined): void;
}

/** Conversations; the platform calls them sessions. */
export function createConversations(setup: ConversationSetup): Required<ConversationPort> {
  const { api, view, ids, permit } = setup;
  const inTurn = createTurns();
  const inSession = (id: Id) => {
    const { id: session, website } = ids.place(id);
    return { session, ...(website !== undefined && { website }) };
  };
  const toConversation = (source: unknown, website: string | undefined) =>
    fromCrispConversation(
      withWebsite(decode(ConversationCodec, source, 'Crisp conversation'), website),
      view,
    );
  const toOpened = ({ conversation: source, created, fingerprint }: Opened, website: string) => {
    const conversation = fromCrispConversation(withWebsite(source, website), view);
    if (fingerprint === undefined) return { conversation, created };
    return { conversation, created, messageId: toMessageId(conversation.id, fingerprint) };
  };
  const opening = (named: string | undefined): Opening => ({
    api,
    website: setup.tenant(named),
    owner: view.owner,
    readOr: setup.readOr,
    ...(setup.author && { author: setup.author }),
  });

  return {
    get: async (id, options) => {
      permit('conversations.get', options);
      const at = inSession(id);
      return toConversation(await api.conversations.get(at, options), at.website ?? view.website);
    },
    async *list(query: ConversationQuery = {}, options?: ListOptions) {
      permit('conversations.list', options);
      let left = options?.limit ?? Number.POSITIVE_INFINITY;
      for await (const { source, website } of found(setup, query, options)) {
        const conversation = setup.readOr(() => toConversation(source, website));
        if (conversation === undefined) continue;
        if (query.status !== undefined && conversation.status !== query.status) continue;
        if (query.updatedSince !== undefined && (conversation.updatedAt ?? '') < query.updatedSince) continue;
        yield conversation;
        left -= 1;
        if (left <= 0) return;
      }
    },
    open: async (request, options) => {
      permit('conversations.open', options);
      const at = opening(request.organization);
      const { value, email = value } = request.to;
      const opened = await inTurn(`${at.website} ${email.toLowerCase()}`, () =>
        openConversation(at, request, options),
      );
      return toOpened(opened, at.website);
    },
    findOpened: async (request, since, options) => {
      permit('conversations.findOpened', options);
      const at = opening(request.organization);
      const found = await findOpened(at, request, since, options);
      if (found !== undefined) return toOpened(found, at.website);
      expectStored(setup, since);
      return undefined;
    },
    setStatus: async (id, status, options) => {
      permit('conversations.setStatus', options);
      await api.conversations.setState({ ...inSession(id), body: { state: toCrispState(status) } }, options);
    },
    assign: async (id, assigneeIds, options) => {
      permit('conversations.assign', options);
      await route(setup, inSession(id), assigneeIds, options);
    },
    setFields: async (id, fields, options) => {
      permit('conversations.setFields', options);
      if (Object.keys(fields).length === 0) return;
      const at = inSession(id);
      const { data } = await api.conversations.getMeta(at, options);
      await api.conversations.updateMeta({ ...at, body: { data: toMetaData(data ?? {}, fields) } }, options);
    },
    handOver: async (id, { reason, to = [] }, options) => {
      permit('conversations.handOver', options);
      const at = inSession(id);
      // The note comes last: the others may be repeated without anybody noticing.
      await route(setup, at, to, options);
      await api.conversations.setState({ ...at, body: { state: toCrispState('pending') } }, options);
      const fingerprint = toFingerprint(view.owner, at.session, randomUUID());
      const note = toCrispMessage({ content: { kind: 'text', text: reason }, note: true, fingerprint });
      const mentions = to.map((agent) => ids.place(agent).id);
      await api.messages.send(
        { ...at, body: { ...note, ...(mentions.length > 0 && { mentions }) } },
        options,
      );
    },
  };
}

/** One operator has it, or nobody. */
async function route(
  { api, ids, view }: ConversationSetup,
  at: { session: string; website?: string },
  assigneeIds: readonly Id[],
  options: CallOptions | undefined,
): Promise<void> {
  const operators = assigneeIds.map((id) => ids.place(id).id);
  if (operators.includes('self') && view.selfId === 'self') {
    throw new ParleyError('ERR_UNSUPPORTED', 'Crisp: this account is no operator: set the option operator', {
      account: view.account,
    });
  }
  const [operator] = operators;
  const assigned = operator === undefined ? null : { user_id: operator };
  await api.conversations.setRouting({ ...at, body: { assigned } }, options);
}

async function* found(
  setup: ConversationSetup,
  query: ConversationQuery,
  options: CallOptions | undefined,
): AsyncGenerator<{ source: unknown; website: string }, void, undefined> {
  const { api, ids } = setup;
  const rest = options === undefined ? {} : { signal: options.signal, retry: options.retry };
  if (query.contactId !== undefined) {
    const { id: person, website = setup.tenant(undefined) } = ids.place(query.contactId);
    for await (const session of api.each('people.listConversations', { website, person }, rest)) {
      const source = await orNothing(api.conversations.get({ website, session }, rest));
      if (source !== undefined) yield { source, website };
    }
    return;
  }
  for (const website of await setup.websites(rest)) {
    for await (const source of api.each('conversations.list', { website, query: toListQuery(query) }, rest)) {
      yield { source, website };
    }
  }
}

/** The items of a list may leave their website out. */
function withWebsite(source: CrispConversation, website: string | undefined): CrispConversation {
  return source.website_id || website === undefined ? source : { ...source, website_id: website };
}
