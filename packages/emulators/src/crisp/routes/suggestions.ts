import type { JsonObject } from '../../json.js';
import type { Website } from '../records.js';
import { deleted, page, type Route } from '../route.js';
import { filled, object } from '../schemas.js';

/** Words that a website uses, offered again: who has them, and how one is taken away. */
interface Suggestion {
  /** After `/website/:website`. */
  list: string;
  remove: string;
  /** Key of the word, in lists and in the body of a removal. */
  key: string;
  words(website: Website): string[];
  drop(website: Website, word: string): void;
}

const bags = (website: Website) => [...website.conversations.values()].map(({ meta }) => meta);
const people = (website: Website) => [...website.people.values()];
const without = (list: readonly string[], word: string) => list.filter((other) => other !== word);

const SUGGESTIONS: Suggestion[] = [
  {
    list: '/conversations/suggest/segments',
    remove: '/conversations/suggest/segment',
    key: 'segment',
    words: (website) => bags(website).flatMap(({ segments }) => segments as string[]),
    drop(website, word) {
      for (const meta of bags(website)) meta.segments = without(meta.segments as string[], word);
    },
  },
  {
    list: '/conversations/suggest/data',
    remove: '/conversations/suggest/data',
    key: 'key',
    words: (website) => bags(website).flatMap(({ data }) => Object.keys(data as JsonObject)),
    drop(website, word) {
      for (const { data } of bags(website)) delete (data as JsonObject)[word];
    },
  },
  {
    list: '/people/suggest/segments',
    remove: '/people/suggest/segment',
    key: 'segment',
    words: (website) => people(website).flatMap(({ segments }) => segments),
    drop(website, word) {
      for (const person of people(website)) person.segments = without(person.segments, word);
    },
  },
  {
    list: '/people/suggest/data',
    remove: '/people/suggest/data',
    key: 'key',
    words: (website) => people(website).flatMap(({ data }) => Object.keys(data)),
    drop(website, word) {
      for (const { data } of people(website)) delete data[word];
    },
  },
  {
    list: '/people/suggest/events',
    remove: '/people/suggest/event',
    key: 'text',
    words: (website) => people(website).flatMap(({ events }) => events.map(({ text }) => String(text))),
    drop(website, word) {
      for (const person of people(website)) person.events = person.events.filter(({ text }) => text !== word);
    },
  },
];

export const suggestionRoutes: Route[] = [
  ...SUGGESTIONS.flatMap(({ list, remove, key, words, drop }): Route[] => [
    {
      method: 'GET',
      path: `/website/:website${list}/:page`,
      tiers: 'UP',
      handle(call) {
        const counts = new Map<string, number>();
        for (const word of words(call.website)) counts.set(word, (counts.get(word) ?? 0) + 1);
        return page(
          call,
          [...counts].map(([word, count]) => ({ [key]: word, count })),
        );
      },
    },
    {
      method: 'DELETE',
      path: `/website/:website${remove}`,
      tiers: 'UP',
      body: object({ [key]: filled }, key),
      handle({ website, body }) {
        drop(website, String(body[key]));
        return deleted();
      },
    },
  ]),
  {
    method: 'GET',
    // Of the Node SDK before 2.0.
    path: '/website/:website/people/segments/:page',
    tiers: 'UP',
    handle: (call) => page(call, [...new Set(people(call.website).flatMap(({ segments }) => segments))]),
  },
];
