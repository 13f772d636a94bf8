import { decode } from '@parley/adapter-kit';
import type { CallOptions } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { toE164 } from './from-crisp.js';
import { orNothing } from './look-up.js';
import { ConversationCodec } from './wire/codecs.js';
import type { CrispConversation, CrispMetaInput } from './wire/conversation.js';

export interface Whereabouts {
  api: CrispApi;
  website: string;
  /** Undefined for an item of a list that cannot be read. */
  readOr<T>(read: () => T): T | undefined;
}

/** Conversations that a search finds: others mention the address too. */
const MOST_SEARCHED = 200;
/** The most that the documentation allows. */
const PER_PAGE = 50;
/** Of a profile, each of which is a request. */
const MOST_OF_PROFILE = 20;

/** The conversations with exactly this e-mail address or, failing that, this phone number: the newest first. */
export async function* conversationsOf(
  whereabouts: Whereabouts,
  { email, phone }: CrispMetaInput,
  options: CallOptions | undefined,
): AsyncGenerator<CrispConversation, undefined, undefined> {
  const ways = [
    ...(email === undefined
      ? []
      : [searched(whereabouts, email, options), ofProfile(whereabouts, email, options)]),
    ...(phone === undefined ? [] : [searched(whereabouts, phone, options)]),
  ];
  for (const way of ways) {
    let any = false;
    for await (const conversation of way) {
      any = true;
      yield conversation;
    }
    if (any) return;
  }
}

/** No route looks for an address: a search, and then an exact look. */
async function* searched(
  { api, website, readOr }: Whereabouts,
  address: string,
  options: CallOptions | undefined,
): AsyncGenerator<CrispConversation, void, undefined> {
  const query = {
    search_type: 'text' as const,
    search_query: address,
    include_empty: true,
    order_date_updated: true,
    per_page: PER_PAGE,
  };
  const most = { ...options, limit: MOST_SEARCHED };
  for await (const item of api.each('conversations.list', { website, query }, most)) {
    const conversation = readOr(() => decode(ConversationCodec, item, 'Crisp conversation'));
    const { email, phone } = conversation?.meta ?? {};
    const isTheirs = email?.toLowerCase() === address.toLowerCase() || toE164(phone) === address;
    if (conversation !== undefined && isTheirs) yield conversation;
  }
}

/** Should the search not look at addresses; in which order these are listed is not documented. */
async function* ofProfile(
  { api, website }: Whereabouts,
  person: string,
  options: CallOptions | undefined,
): AsyncGenerator<CrispConversation, void, undefined> {
  const sessions = (await orNothing(api.people.listConversations({ website, person }, options))) ?? [];
  const found: CrispConversation[] = [];
  for (const session of sessions.slice(0, MOST_OF_PROFILE)) {
    const conversation = await orNothing(api.conversations.get({ website, session }, options));
    if (conversation !== undefined) found.push(conversation);
  }
  yield* found.sort((a, b) => (b.updated_at ?? 0) - (a.updated_at ?? 0));
}
