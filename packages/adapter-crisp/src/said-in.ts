import { decode } from '@parley/adapter-kit';
import type { AccountContext, CallOptions, Event } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispConversation, fromCrispMessage } from './from-crisp.js';
import { fromAnswered, fromNewMessage, isAnswerable, isMentioned } from './from-crisp-message-event.js';
import { type Place, toPlaceId, type Viewpoint } from './ids.js';
import { readOr } from './read-or.js';
import { MessageCodec } from './wire/codecs.js';
import type { CrispConversation } from './wire/conversation.js';
import type { CrispMessage } from './wire/message.js';

export interface CatchUpSetup {
  api: CrispApi;
  account: Pick<AccountContext, 'name' | 'log'>;
  /** The platform's time. */
  now: () => number;
  view: Viewpoint;
  keepRaw: boolean;
  /** Before the account was first listened to (epoch milliseconds), questions were others' business. */
  from: number;
}

const DAY_MS = 24 * 3_600_000;
/** A question is answered within a day, or its answer is not looked for; an engine knows older answers no more. */
const ANSWERABLE_MS = DAY_MS;
/** The newest messages of a conversation, among which answered questions are looked for. */
const LOOKED_THROUGH = 20;

/**
 * What was said in a conversation since a moment (epoch milliseconds), as the events that the socket would have brought, with
 * the same ids, and the snapshot of the conversation. Oldest first.
 */
export async function saidIn(
  setup: CatchUpSetup,
  place: Place & { website: string },
  conversation: CrispConversation,
  since: number,
  options: CallOptions,
): Promise<Event[]> {
  const { api, view, now, keepRaw } = setup;
  const snapshot = fromCrispConversation({ ...conversation, website_id: place.website }, view);
  const conversationId = toPlaceId(view, place);
  const messages: Event[] = [];
  const answers: Event[] = [];
  const answerable = Math.max(setup.from, now() - ANSWERABLE_MS);
  let looked = 0;
  let time = now();
  // A moment that nobody has asked for: what the platform may keep of an answer would hide what was said since.
  const all = { website: place.website, session: place.id, before: now() + DAY_MS };
  for await (const item of api.eachMessage(all, options)) {
    const source = readOr(setup.account, () => decode(MessageCodec, item, 'Crisp message'));
    if (source === undefined) continue;
    looked += 1;
    // One without a time was written when its neighbour was.
    time = source.timestamp ?? time;
    if (time < since && (looked > LOOKED_THROUGH || time < answerable)) break;
    if (time >= since) {
      const neutral = fromCrispMessage(unanswered(source), view, place, time);
      const event = fromNewMessage(neutral, nativeOf(source), isMentioned(source, view));
      messages.unshift({ ...event, conversation: snapshot, ...(keepRaw && { raw: source }) } as Event);
    }
    if (!isAnswerable(source, view) || time < answerable) continue;
    const id = `${conversationId}/${source.fingerprint}`;
    const answer = fromAnswered(id, source.content, conversation.updated_at ?? now());
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
