import { isDeepStrictEqual } from 'node:util';

/** Something that happened at a provider, with its time there. */
export type Observation = { at: string } & (
  | { kind: 'message'; author: string; how: string; text: string; buttons: readonly string[] }
  | { kind: 'fact'; how: string; text: string }
);

/** A provider's records, as something that can be printed. */
export interface Watched {
  /** All messages; `observe` is asked for new ones. */
  messages(): readonly { id: string; observe(): Observation }[];
  /** What is the case: printed when it changes. */
  states(): readonly { id: string; state: string; observe(): Observation }[];
  /** Lists that grow at their ends, and lose what is old. */
  lists: Readonly<Record<string, () => readonly object[]>>;
  /** A record of a list; undefined if it is not worth a line. */
  observe(list: string, record: object): Observation | undefined;
}

/** What of it was printed, as JSON: another process prints on from there. */
export interface Shown {
  /** Ids. */
  messages: string[];
  /** By id. */
  states: Record<string, string>;
  /** The last one of each list. */
  records: Record<string, object>;
}

export const NOTHING_SHOWN: Shown = { messages: [], states: {}, records: {} };

/** Reads what a provider has recorded: what the bot claims to have done is not asked for. */
export interface Observer {
  /** What is new since the last call, oldest first. */
  news(): Observation[];
  /** Where the last call has come to. */
  shown(): Shown;
}

export function createObserver(watched: Watched, from: Shown): Observer {
  const messages = new Set(from.messages);
  const states = new Map(Object.entries(from.states));
  const records = new Map(Object.entries(from.records));

  const newMessages = (): Observation[] =>
    watched
      .messages()
      .filter(({ id }) => !messages.has(id))
      .map(({ id, observe }) => {
        messages.add(id);
        return observe();
      });

  const newStates = (): Observation[] =>
    watched
      .states()
      .filter(({ id, state }) => states.get(id) !== state)
      .map(({ id, state, observe }) => {
        states.set(id, state);
        return observe();
      });

  const newRecords = (): Observation[] =>
    Object.entries(watched.lists).flatMap(([name, list]) => {
      const news = after(list(), records.get(name));
      const last = news.at(-1);
      if (last !== undefined) records.set(name, last);
      return news.flatMap((record) => watched.observe(name, record) ?? []);
    });

  return {
    news: () => [...newMessages(), ...newStates(), ...newRecords()].sort(byTime),
    shown: () => ({
      messages: [...messages],
      states: Object.fromEntries(states),
      records: Object.fromEntries(records),
    }),
  };
}

/** For a stable sort: what has the same millisecond stays in its order, cause before consequence. */
export function byTime(one: Observation, other: Observation): number {
  return one.at.localeCompare(other.at);
}

/** The records are bounded, so a position in them moves; a record itself does not change. */
function after(list: readonly object[], last: object | undefined): object[] {
  if (last === undefined) return [...list];
  const place = list.lastIndexOf(last);
  // Not this very object after a restart, but one like it.
  return list.slice((place >= 0 ? place : list.findLastIndex((one) => isDeepStrictEqual(one, last))) + 1);
}
