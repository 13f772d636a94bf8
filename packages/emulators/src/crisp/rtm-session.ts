import type { Socket } from 'socket.io';
import type { ClockTimer } from '../clock.js';
import { isObject, type JsonObject } from '../json.js';
import { checkKeypair } from './auth.js';
import { mayHear } from './events.js';
import type { Announcement, Platform } from './platform.js';
import type { Keypair } from './records.js';

/** One connection, and what it may hear. */
export interface Session {
  socket: Socket;
  keypair?: Keypair;
  events: Set<string>;
  websites: Set<string>;
  /** Restrictions that the client asked for. */
  rooms?: Set<string>;
  inboxes?: Set<string>;
  deadline: ClockTimer;
}

/** Whether a session is told. */
export function hears(session: Session, { event, data, ...audience }: Announcement): boolean {
  const { websiteId, identifier, pluginId } = audience;
  const { keypair, events, websites, inboxes } = session;
  if (keypair === undefined || !events.has(event) || !mayHear(keypair.tier, event)) return false;
  if (identifier !== undefined) return keypair.identifier === identifier;
  if (pluginId !== undefined && keypair.tier === 'plugin' && keypair.owner !== pluginId) return false;
  if (websiteId !== undefined && !websites.has(websiteId)) return false;
  return inboxes === undefined || typeof data.inbox_id !== 'string' || inboxes.has(data.inbox_id);
}

/** Clients of 2019 sent no tier. */
export function credentialsOf(platform: Platform, given: JsonObject): Keypair | undefined {
  const keypair = checkKeypair(platform, String(given.username), String(given.password));
  return keypair?.tier === (given.tier ?? keypair?.tier) ? keypair : undefined;
}

/** The names in a list of what a client sent. */
export function namesIn(given: unknown, key: string): string[] | undefined {
  const names = isObject(given) ? given[key] : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : undefined;
}

/** No restriction where none was asked for. */
export function setOf(names: string[] | undefined): Set<string> | undefined {
  return names === undefined || names.length === 0 ? undefined : new Set(names);
}
