import type { Json, JsonObject } from '../json.js';
import type { RouteTiers } from './auth.js';
import type { Platform } from './platform.js';
import type { Keypair, Website } from './records.js';

export type RouteMethod = 'HEAD' | 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** What a route is given: the caller is known, the body fits its schema. */
export interface Call {
  platform: Platform;
  caller: Keypair;
  /** The website of the path. Only routes with `:website` may touch it. */
  website: Website;
  /** Decoded segments of the path. */
  params: Record<string, string>;
  query: Record<string, string>;
  body: JsonObject;
}

export interface Answer {
  status: number;
  reason: string;
  data: Json;
}

/** One line of the emulator's own table of the API. */
export interface Route {
  method: RouteMethod;
  /** After `/v1`. */
  path: string;
  tiers: RouteTiers;
  /** JSON schema of the body. */
  body?: object;
  handle(call: Call): Answer;
}

export const resolved = (data: Json): Answer => ({ status: 200, reason: 'resolved', data });
export const listed = (data: Json[], more = false): Answer => ({
  status: more ? 206 : 200,
  reason: 'listed',
  data,
});
export const added = (data: Json = {}): Answer => ({ status: 201, reason: 'added', data });
export const updated = (data: Json = {}): Answer => ({ status: 200, reason: 'updated', data });
export const saved = (data: Json = {}): Answer => ({ status: 200, reason: 'saved', data });
export const deleted = (data: Json = {}): Answer => ({ status: 200, reason: 'deleted', data });
/** Accepted; what comes of it is told by an event. */
export const dispatched = (data: Json = {}): Answer => ({ status: 202, reason: 'dispatched', data });

/** A page of a list; pages count from 1. */
export function page({ platform, params }: Call, all: readonly Json[]): Answer {
  const size = platform.switches.pageSize;
  const number = Math.max(1, Number(params.page) || 1);
  return listed(all.slice((number - 1) * size, number * size));
}
