import { isObject, type Json, type JsonObject, snapshot } from '../json.js';
import { createConversation, setOnline } from './conversations.js';
import { acknowledge, compose, editMessage, messageOf, writeMessage } from './messages.js';
import { updateMeta } from './meta.js';
import { findPerson } from './people.js';
import { type Platform, tell, tellWebsite } from './platform.js';
import type { CrispConversation, CrispMessage, Website } from './records.js';

export interface VisitorOptions {
  nickname?: string;
  email?: string;
  phone?: string;
  /** Where the visitor writes: `chat` (default), `email` or `urn:...`. */
  origin?: string;
  /** Default: the website of the credentials. */
  websiteId?: string;
  /** Takes up this session, or starts it. */
  sessionId?: string;
}

/** A visitor with the chat box open, for a test to play. */
export interface Visitor {
  sessionId: string;
  websiteId: string;
  /** Returns the fingerprint of the message. */
  say(text: string): number;
  /** Writes a message of any type that visitors have. */
  send(message: { type: string; content: Json; fingerprint?: number }): number;
  sendFile(file: { name: string; url: string; type: string }): number;
  /** Chooses in the latest picker that has this value, or in the message with the fingerprint. */
  choose(value: string, fingerprint?: number): void;
  /** Answers the latest field, or the one in the message with the fingerprint. */
  answer(value: string, fingerprint?: number): void;
  typing(excerpt?: string): void;
  stopTyping(): void;
  /** Has seen what the operators wrote. */
  read(): void;
  delivered(): void;
  rate(stars: number, comment?: string): void;
  visit(page: { page_title: string; page_url: string; page_referrer?: string }): void;
  /** Something that the visitor's browser reported. */
  event(event: { text: string; data?: JsonObject; color?: string }): void;
  /** What the chat box learns about the visitor: nickname, email, phone, segments, data, device and so on. */
  tell(meta: JsonObject): void;
  arrive(): void;
  leave(): void;
  /** What reached the chat box, oldest first. */
  readonly received: readonly CrispMessage[];
  /** The next message that `next` has not returned before. Rejects after `timeoutMs` (default 10 000, real time). */
  next(timeoutMs?: number): Promise<CrispMessage>;
}

export interface Visitors {
  /** The same visitor for the same session, or for the same e-mail on a website. */
  play(website: Website, options: VisitorOptions): Visitor;
  get(sessionId: string): Visitor | undefined;
  deliver(message: CrispMessage): void;
  state(): BoxState[];
  restore(boxes: readonly BoxState[]): void;
  close(): void;
}

/** What reached a chat box, and how much of it `next` has returned. */
export interface BoxState {
  sessionId: string;
  received: CrispMessage[];
  taken: number;
}

const NEXT_TIMEOUT_MS = 10_000;

interface Box {
  received: CrispMessage[];
  /** How many of them `next` has returned. */
  taken: number;
  waiting: { resolve(message: CrispMessage): void; timer: NodeJS.Timeout }[];
  visitor?: Visitor;
}

export function createVisitors(platform: () => Platform): Visitors {
  const boxes = new Map<string, Box>();
  const boxOf = (sessionId: string): Box => {
    const box = boxes.get(sessionId) ?? { received: [], taken: 0, waiting: [] };
    boxes.set(sessionId, box);
    return box;
  };

  return {
    play(website, { sessionId, origin, email, nickname, phone }) {
      const conversation =
        website.conversations.get(sessionId ?? '') ??
        (sessionId === undefined && email !== undefined ? sessionOf(website, email) : undefined) ??
        createConversation(platform(), website, sessionId);
      const box = boxOf(conversation.session_id);
      box.visitor = play(platform(), website, conversation, box, origin ?? 'chat');
      setPresent(platform(), website, conversation, true);
      const known = { nickname, email, phone, origin };
      const news = Object.entries(known).filter(
        ([name, value]) => value !== undefined && conversation.meta[name] !== value,
      );
      if (news.length > 0) updateMeta(platform(), website, conversation, Object.fromEntries(news));
      return box.visitor;
    },
    get(sessionId) {
      const known = boxes.get(sessionId)?.visitor;
      if (known !== undefined) return known;
      for (const website of platform().websites.values()) {
        const conversation = website.conversations.get(sessionId);
        if (conversation === undefined) continue;
        const box = boxOf(sessionId);
        box.visitor = play(platform(), website, conversation, box, 'chat');
        return box.visitor;
      }
      return undefined;
    },
    deliver(message) {
      const box = boxOf(message.session_id);
      box.received.push(snapshot(message));
      const waiter = box.waiting.shift();
      if (waiter === undefined) return;
      clearTimeout(waiter.timer);
      waiter.resolve(box.received[box.taken++] as CrispMessage);
    },
    state: () =>
      [...boxes].map(([sessionId, { received, taken }]) => ({ sessionId, received: [...received], taken })),
    restore(states) {
      for (const { sessionId, received, taken } of states)
        boxes.set(sessionId, { received, taken, waiting: [] });
    },
    close() {
      for (const { waiting } of boxes.values()) for (const { timer } of waiting) clearTimeout(timer);
    },
  };
}

function sessionOf(website: Website, email: string): CrispConversation | undefined {
  const person = findPerson(website, email);
  return (
    person && [...website.conversations.values()].findLast(({ people_id }) => people_id === person.people_id)
  );
}

function play(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  box: Box,
  origin: string,
): Visitor {
  const { session_id: sessionId, website_id: websiteId } = conversation;
  const send = (message: { type: string; content: Json; fingerprint?: number }) =>
    writeMessage(platform, website, conversation, { ...message, from: 'user', origin });
  const acknowledged = (mark: 'read' | 'delivered') =>
    acknowledge(platform, conversation, { mark, author: 'operator', origin });
  const latest = (type: string, fits: (content: JsonObject) => boolean, fingerprint?: number) => {
    if (fingerprint !== undefined) return messageOf(conversation, fingerprint);
    const found = conversation.messages.findLast(
      (message) => message.type === type && isObject(message.content) && fits(message.content),
    );
    if (found === undefined) throw new TypeError(`no ${type} in this conversation takes that`);
    return found;
  };
  return {
    sessionId,
    websiteId,
    say: (text) => send({ type: 'text', content: text }),
    send,
    sendFile: (file) => send({ type: 'file', content: { ...file } }),
    choose(value, fingerprint) {
      const offers = (content: JsonObject) => choicesOf(content).some((choice) => choice.value === value);
      const message = latest('picker', offers, fingerprint);
      const content = message.content as JsonObject;
      const choices = choicesOf(content).map((choice) => ({ ...choice, selected: choice.value === value }));
      editMessage(platform, conversation, message, { ...content, choices });
    },
    answer(value, fingerprint) {
      const message = latest('field', () => true, fingerprint);
      editMessage(platform, conversation, message, { ...(message.content as JsonObject), value });
    },
    typing: (excerpt = '') => compose(platform, conversation, { type: 'start', from: 'user', excerpt }),
    stopTyping: () => compose(platform, conversation, { type: 'stop', from: 'user' }),
    read: () => acknowledged('read'),
    delivered: () => acknowledged('delivered'),
    rate: (stars, comment) =>
      tell(platform, conversation, 'session:sync:rating', {
        rating: { stars, ...(comment !== undefined && { comment }) },
      }),
    visit(page) {
      conversation.pages.push({ ...page, timestamp: platform.clock.now() });
      tell(platform, conversation, 'session:sync:pages', { pages: conversation.pages.slice(-1) });
    },
    event(event) {
      conversation.events.push({ ...event, timestamp: platform.clock.now() });
      tell(platform, conversation, 'session:sync:events', { events: conversation.events.slice(-1) });
    },
    tell: (meta) => updateMeta(platform, website, conversation, meta),
    arrive: () => setPresent(platform, website, conversation, true),
    leave: () => setPresent(platform, website, conversation, false),
    get received() {
      return box.received;
    },
    next: (timeoutMs = NEXT_TIMEOUT_MS) => next(box, timeoutMs),
  };
}

function setPresent(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  present: boolean,
): void {
  const before = conversation.availability;
  setOnline(platform, conversation, present);
  if (conversation.availability === before) return;
  const online = [...website.conversations.values()].filter(({ availability }) => availability === 'online');
  tellWebsite(platform, website, 'website:update_visitors_count', { visitors_count: online.length });
}

function choicesOf({ choices }: JsonObject): JsonObject[] {
  return Array.isArray(choices) ? choices.filter(isObject) : [];
}

function next(box: Box, timeoutMs: number): Promise<CrispMessage> {
  const message = box.received[box.taken];
  if (message !== undefined) {
    box.taken += 1;
    return Promise.resolve(message);
  }
  return new Promise((resolve, reject) => {
    const waiter = {
      resolve,
      timer: setTimeout(() => {
        box.waiting = box.waiting.filter((other) => other !== waiter);
        reject(new Error(`no message reached the visitor within ${timeoutMs} ms`));
      }, timeoutMs),
    };
    box.waiting.push(waiter);
  });
}
