import { contactWrites, createContact, findContact } from './conversations.js';
import { withoutUndefined } from './message.js';
import type { Platform } from './platform.js';
import {
  type Contact,
  type Conversation,
  isObject,
  type JsonObject,
  type Message,
  snapshot,
} from './records.js';

export interface ConsumerOptions {
  /** E.164. One of telephone and email is needed. */
  telephone?: string;
  email?: string;
  name?: string;
  /** The touchpoint the consumer writes on, for example `whatsapp`. */
  channel: string;
  /** Default: the home organization. */
  organization?: string;
}

/** A consumer with a phone in the hand, for a test to play. */
export interface Consumer {
  contactId: string;
  conversationId: string;
  say(text: string): Message;
  /** Presses the button with this payload. */
  press(payload: string): Message;
  /** Media is a URL with its MIME type. */
  sendMedia(url: string, mimeType: string): Message;
  /** What reached the phone, oldest first. */
  readonly received: readonly Message[];
  /** The next message that `next` has not returned before. Rejects after `timeoutMs` (default 10 000, real time). */
  next(timeoutMs?: number): Promise<Message>;
}

export interface Consumers {
  /** The same person for the same phone or e-mail: known contacts are taken up, others made. */
  play(options: ConsumerOptions): Consumer;
  /** A consumer by contact id. */
  get(contactId: string): Consumer | undefined;
  deliver(contactId: string, message: Message): void;
  state(): PhoneState[];
  restore(phones: readonly PhoneState[]): void;
  close(): void;
}

/** What reached a phone, and how much of it `next` has returned. */
export interface PhoneState {
  contactId: string;
  received: Message[];
  taken: number;
}

const NEXT_TIMEOUT_MS = 10_000;

interface Phone {
  received: Message[];
  /** How many of them `next` has returned. */
  taken: number;
  waiting: { resolve(message: Message): void; timer: NodeJS.Timeout }[];
}

export function createConsumers(platform: () => Platform): Consumers {
  const phones = new Map<string, Phone>();

  const phoneOf = (contactId: string): Phone => {
    const phone = phones.get(contactId) ?? { received: [], taken: 0, waiting: [] };
    phones.set(contactId, phone);
    return phone;
  };

  const handle = (contact: Contact, conversation: Conversation, channel: string): Consumer => {
    const phone = phoneOf(contact.id);
    const write = (input: { type?: string; text: string; contentType?: string; meta?: JsonObject }) =>
      contactWrites(platform(), conversation, { ...input, touchpoint: channel });
    return {
      contactId: contact.id,
      conversationId: conversation.id,
      say: (text) => write({ text }),
      press: (payload) =>
        platform().switches.quickReplies === 'postback'
          ? write({ type: 'postback', text: payload })
          : write({ text: labelOf(phone.received, payload) }),
      sendMedia: (url, mimeType) => write({ text: url, contentType: mimeType }),
      get received() {
        return phone.received;
      },
      next: (timeoutMs = NEXT_TIMEOUT_MS) => next(phone, timeoutMs),
    };
  };

  return {
    play({ telephone, email, name, channel, organization }) {
      const home = organization ?? platform().organizations.find(({ level }) => level === 2)?.id ?? '';
      const profile: JsonObject = withoutUndefined({ name, telephone, email });
      const known = findContact(platform(), home, profile);
      const knownConversation = known && platform().conversations.get(String(known.conversation));
      const { contact, conversation } =
        known !== undefined && knownConversation !== undefined
          ? { contact: known, conversation: knownConversation }
          : createContact(platform(), home, profile, undefined, { presences: [{ touchpoint: channel }] });
      conversation.touchpoint ??= channel;
      return handle(contact, conversation, channel);
    },
    get(contactId) {
      const contact = platform().contacts.get(contactId);
      const conversation = platform().conversations.get(String(contact?.conversation));
      if (contact === undefined || conversation === undefined) return undefined;
      return handle(contact, conversation, conversation.touchpoint ?? 'whatsapp');
    },
    deliver(contactId, message) {
      const phone = phoneOf(contactId);
      phone.received.push(snapshot(message));
      const waiter = phone.waiting.shift();
      if (waiter === undefined) return;
      clearTimeout(waiter.timer);
      waiter.resolve(phone.received[phone.taken++] as Message);
    },
    state: () =>
      [...phones].map(([contactId, { received, taken }]) => ({ contactId, received: [...received], taken })),
    restore(states) {
      for (const { contactId, received, taken } of states)
        phones.set(contactId, { received, taken, waiting: [] });
    },
    close() {
      for (const { waiting } of phones.values()) for (const { timer } of waiting) clearTimeout(timer);
    },
  };
}

function next(phone: Phone, timeoutMs: number): Promise<Message> {
  const message = phone.received[phone.taken];
  if (message !== undefined) {
    phone.taken += 1;
    return Promise.resolve(message);
  }
  return new Promise((resolve, reject) => {
    const waiter = {
      resolve,
      timer: setTimeout(() => {
        phone.waiting = phone.waiting.filter((other) => other !== waiter);
        reject(new Error(`no message reached the consumer within ${timeoutMs} ms`));
      }, timeoutMs),
    };
    phone.waiting.push(waiter);
  });
}

/** The label of the button with this payload in the latest message that has one. */
function labelOf(received: readonly Message[], payload: string): string {
  const buttons = received.flatMap(({ actions }) => (Array.isArray(actions) ? actions.filter(isObject) : []));
  return String(buttons.findLast((button) => button.payload === payload)?.text ?? payload);
}
