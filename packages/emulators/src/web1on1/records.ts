import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Json, JsonObject } from '../json.js';

export { isObject, type Json, type JsonObject, snapshot } from '../json.js';

/** What every resource has. Ids are 24 hex characters; times are ISO 8601, UTC. */
export interface Web1on1Record extends JsonObject {
  id: string;
  createdAt: string;
  updatedAt: string;
}

export interface Participant extends JsonObject {
  user: string;
  role: string;
  name: string;
  organization: string;
  /** Viewing, joined. */
  active: boolean;
  /** Responsible for replying. */
  accepted: boolean;
  follow: boolean;
  /** Assigned, not yet accepted. */
  inbox: boolean;
}

export type ConversationStatus = 'queued' | 'active' | 'closed';

export interface Conversation extends Web1on1Record {
  name: string;
  organization: string;
  orgPath: string;
  type: 'contact' | 'bot' | 'agent' | 'system';
  status: ConversationStatus;
  contact?: string;
  touchpoint?: string;
  categoryIndex: number;
  participants: Participant[];
  messages: string[];
  results: Json[];
  forms: string[];
  meta: JsonObject;
}

export type MessageRole = 'contact' | 'agent' | 'bot';

export interface Message extends Web1on1Record {
  organization: string;
  orgPath: string;
  conversation: string;
  type: string;
  role: MessageRole;
  /** Absent for consumers. */
  user?: string;
  text?: string;
  contentType: string;
  isBackchannel: boolean;
  touchpoint?: string;
  actions?: Json[];
  items?: Json[];
  results?: Json[];
  meta: JsonObject;
}

export interface Contact extends Web1on1Record {
  organization: string;
  orgPath: string;
  conversation?: string;
  profile: JsonObject;
  presences: Json[];
  meta: JsonObject;
}

/** One kind of resource. Keeps the order of creation. */
export class Collection<T extends Web1on1Record = Web1on1Record> {
  readonly name: string;
  readonly singular: string;
  readonly records = new Map<string, T>();

  constructor(name: string, singular: string) {
    this.name = name;
    this.singular = singular;
  }

  get(id: string): T | undefined {
    return this.records.get(id);
  }

  list(): T[] {
    return [...this.records.values()];
  }

  find(test: (record: T) => boolean): T | undefined {
    for (const record of this.records.values()) if (test(record)) return record;
    return undefined;
  }

  put(record: T): T {
    this.records.set(record.id, record);
    return record;
  }

  delete(id: string): boolean {
    return this.records.delete(id);
  }
}

/** What ids are made of, besides the time. */
export interface IdState {
  machine: string;
  counter: number;
}

/** Ids in the shape of a Mongo ObjectId: seconds, a random part of this process, a counter. They sort by creation. */
export function createIds(clock: Clock, state: IdState): () => string {
  return () => {
    state.counter = (state.counter + 1) % 0x1000000;
    const seconds = Math.floor(clock.now() / 1000) % 0x100000000;
    return (
      seconds.toString(16).padStart(8, '0') + state.machine + state.counter.toString(16).padStart(6, '0')
    );
  };
}

export function newIdState(): IdState {
  return { machine: randomBytes(5).toString('hex'), counter: randomBytes(2).readUInt16BE() };
}

/** An answer other than 2xx: `{"error":{"message"}}`. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
