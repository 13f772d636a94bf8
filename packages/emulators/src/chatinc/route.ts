import type { FastifyRequest } from 'fastify';
import type { Json, JsonObject } from '../json.js';
import type { Platform } from './platform.js';
import type { Account } from './records.js';
import type { ChatIncSwitches, ReadMethod } from './switches.js';

/** What a route is given: the caller is known. */
export interface Call {
  platform: Platform;
  account: Account;
  /** The JSON body, and the query, which wins. */
  params: JsonObject;
  request: FastifyRequest;
}

export interface Answer {
  /** Default 200. */
  status?: number;
  /** JSON, or with `type` the bytes or text themselves; none is an empty body. */
  body?: Json | Buffer;
  type?: string;
}

/** The switches that say which methods a read takes. */
export type MethodSwitch = {
  [K in keyof ChatIncSwitches]: ChatIncSwitches[K] extends ReadMethod ? K : never;
}[keyof ChatIncSwitches] &
  `${string}Method`;

/** One line of the emulator's own table of the API. */
export interface Route {
  method: 'GET' | 'POST' | MethodSwitch;
  /** After `/v1`. */
  path: string;
  /** `either`: with and without `/v1`, as the bot product's routes are printed. Default `v1`. */
  base?: 'v1' | 'either';
  handle(call: Call): Answer | Promise<Answer>;
}

export const read = (body: Json): Answer => ({ body });

/** What a write answers: the documentation shows no such answer. */
export function wrote({ switches }: Platform, fields: JsonObject = {}): Answer {
  return switches.writeResponse === 'empty' ? {} : { body: { status: 'success', ...fields } };
}

/** A list as it is, or in an envelope. */
export function listed({ switches }: Platform, name: string, items: Json[]): Answer {
  return read(switches.listEnvelope === 'object' ? { status: 'success', [name]: items } : items);
}
