import { isDeepStrictEqual } from 'node:util';
import type {
  Conversation,
  JournalEntry,
  Message,
  Web1on1Emulator,
  WebhookDelivery,
} from '@parley/emulators';

/** Something that happened at the emulator, with its time there. */
export type Observation = { at: string } & (
  | { kind: 'message'; message: Message }
  | { kind: 'request'; request: JournalEntry }
  | { kind: 'delivery'; delivery: WebhookDelivery }
  | { kind: 'conversation'; conversation: Conversation }
);

/** What of it was printed, as JSON: another process prints on from there. */
export interface Shown {
  /** Ids. */
  messages: string[];
  /** Status and owners, by the id of the conversation. */
  states: Record<string, string>;
  request?: JournalEntry;
  delivery?: WebhookDelivery;
}

export const NOTHING_SHOWN: Shown = { messages: [], states: {} };

/** Reads what the emulator has recorded: what the bot claims to have done is not asked for. */
export interface Observer {
  /** What is new since the last call, oldest first. */
  news(): Observation[];
  /** Where the last call has come to. */
  shown(): Shown;
}

export function createObserver(emulator: Web1on1Emulator, from: Shown): Observer {
  const messages = new Set(from.messages);
  const states = new Map(Object.entries(from.states));
  let lastRequest = from.request;
  let lastDelivery = from.delivery;

  const newStates = (): Observation[] =>
    emulator.conversations
      .list()
      .filter(({ id, status, participants }) => {
        const state = JSON.stringify([status, participants.filter(({ accepted }) => accepted)]);
        const isNew = states.get(id) !== state;
        states.set(id, state);
        return isNew;
      })
      .map((conversation) => ({ at: conversation.updatedAt, kind: 'conversation', conversation }));

  const newMessages = (): Observation[] =>
    emulator.messages
      .list()
      .filter(({ id }) => !messages.has(id))
      .map((message) => {
        messages.add(message.id);
        return { at: message.createdAt, kind: 'message', message };
      });

  return {
    news() {
      const requests = after(emulator.journal.entries, lastRequest);
      const deliveries = after(emulator.webhooks.deliveries, lastDelivery);
      lastRequest = requests.at(-1) ?? lastRequest;
      lastDelivery = deliveries.at(-1) ?? lastDelivery;
      const news = [
        ...newMessages(),
        ...newStates(),
        ...requests.map((request): Observation => ({ at: request.at, kind: 'request', request })),
        ...deliveries.map((delivery): Observation => ({ at: delivery.at, kind: 'delivery', delivery })),
      ];
      // A stable sort: what has the same millisecond stays in the order above, cause before consequence.
      return news.sort((one, other) => one.at.localeCompare(other.at));
    },
    shown: () => ({
      messages: [...messages],
      states: Object.fromEntries(states),
      request: lastRequest,
      delivery: lastDelivery,
    }),
  };
}

/** The records are bounded, so a position in them moves; a record itself does not change. */
function after<T>(list: readonly T[], last: T | undefined): T[] {
  if (last === undefined) return [...list];
  const place = list.lastIndexOf(last);
  // Not this very object after a restart, but one like it.
  return list.slice((place >= 0 ? place : list.findLastIndex((one) => isDeepStrictEqual(one, last))) + 1);
}
