import { decode } from '@parley/adapter-kit';
import type { AccountContext, Event } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispConversation, fromCrispMessage } from './from-crisp.js';
import { fromAnswered, fromNewMessage, isAnswerable, isMentioned } from './from-crisp-message-event.js';
import { type Place, toPlaceId, type Viewpoint } from './ids.js';
import { readOr } from './read-or.js';
import { websitesOf } from './websites.js';
import { ConversationCodec, MessageCodec } from './wire/codecs.js';
import type { CrispConversation } from './wire/conversation.js';
import type { CrispMessage } from './wire/message.js';

export interface CatchUpSetup {
  api: CrispApi;
  account: Pick<AccountContext, 'name' | 'clock' | 'log'>;
  view: Viewpoint;
  keepRaw: boolean;
}

/** A question is answered within a day, or its answer is not looked for; an engine knows older answers no more. */
const ANSWERABLE_MS = 24 * 3_600_000;
/** The newest messages of a conversation, among which answered questions are looked for. */
const LOOKED_THROUGH = 20;
/** The most that the documentation allows. */
const PER_PAGE = 50;
/** A conversation that is written to while the list is read moves to its begin, out of sight: it is read again. */
const MOST_PASSES = 10;

/**
 * What was said since a moment (epoch milliseconds), from the conversations that changed: the messages as the events that the
 * socket would have brought, with the same ids, and the snapshot of the conversation. A batch is one conversation's, oldest
 * first.
 */
export async function* catchUp(
  setup: CatchUpSetup,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<Event[], void, undefined> {
  for (const website of await websitesOf(setup.api, setup.view.website, { signal })) {
    const done = new Map<string, number>();
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      let changed = 0;
      for await (const conversation of changedSince(setup, website, since, signal)) {
        const updatedAt = conversation.updated_at ?? 0;
        if (done.get(conversation.session_id) === updatedAt) continue;
        done.set(conversation.session_id, updatedAt);
        changed += 1;
        const events = await saidIn(
          setup,
          { website, id: conversation.session_id },
          conversation,
          since,
          signal,
        );
        if (events.length > 0) yield events;
      }
      if (changed === 0) break;
    }
  }
}

async function* changedSince(
  setup: CatchUpSetup,
  website: string,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<CrispConversation, void, undefined> {
  const query = {
    order_date_updated: true,
    filter_date_start: new Date(since).toISOString(),
    per_page: PER_PAGE,
  };
  let older = 0;
  for await (const item of setup.api.each('conversations.list', { website, query }, { signal })) {
    const conversation = readOr(setup.account, () => decode(ConversationCodec, item, 'Crisp conversation'));
    if (conversation === undefined) continue;
    // Should the filter be coarser than a millisecond.
    if ((conversation.updated_at ?? since) < since) {
      older += 1;
      if (older >= PER_PAGE) return;
      continue;
    }
    yield conversation;
  }
}

async function saidIn(
  setup: CatchUpSetup,
  place: Place & { website: string },
  conversation: CrispConversation,
  since: number,
  signal: AbortSignal,
): Promise<Event[]> {
  const { api, view, account, keepRaw } = setup;
  const snapshot = fromCrispConversation({ ...conversation, website_id: place.website }, view);
  const conversationId = toPlaceId(view, place);
  const messages: Event[] = [];
  const answers: Event[] = [];
  const answerable = account.clock.now() - ANSWERABLE_MS;
  let looked = 0;
  for await (const item of api.eachMessage({ website: place.website, session: place.id }, { signal })) {
    const source = readOr(setup.account, () => decode(MessageCodec, item, 'Crisp message'));
    if (source === undefined) continue;
    looked += 1;
    const time = source.timestamp ?? since;
    if (time < since && (looked > LOOKED_THROUGH || time < answerable)) break;
    if (time >= since) {
      const neutral = fromCrispMessage(unanswered(source), view, place);
      const event = fromNewMessage(neutral, nativeOf(source), isMentioned(source, view));
      messages.unshift({ ...event, conversation: snapshot, ...(keepRaw && { raw: source }) } as Event);
    }
    if (!isAnswerable(source, view) || time < answerable) continue;
    const id = `${conversationId}/${source.fingerprint}`;
    const answer = fromAnswered(id, source.content, conversation.updated_at ?? account.clock.now());
    if (answer !== undefined)
      answers.unshift({ ...answer, conversation: snapshot, ...(keepRaw && { raw: source }) } as Event);
  }
  return [...messages, ...answers];
}

/** The event that would have brought it. */
function nativeOf({ from, type }: CrispMessage): string {
  return from === 'user' && type !== 'note' ? 'message:send' : 'message:received';
}

/** As it was when it was new; its answer is an event of its own. */
function unanswered(source: CrispMessage): CrispMessage {
  const { read: _read, delivered: _delivered, ...rest } = source;
  return rest;
}
