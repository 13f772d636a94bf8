import { isObject, type Json, type JsonObject } from '../json.js';
import { touch } from './conversations.js';
import { bindPerson } from './people.js';
import { type Platform, tell } from './platform.js';
import type { CrispConversation, Website } from './records.js';

const TOLD = ['email', 'phone', 'address', 'subject', 'avatar', 'nickname', 'origin', 'data', 'segments'];

/** Changes what is known about a visitor, and tells one event for each field. */
export function updateMeta(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  given: JsonObject,
): void {
  const { meta } = conversation;
  const say = (event: string, fields: JsonObject) => tell(platform, conversation, event, fields);
  touch(platform, conversation);
  for (const name of TOLD) {
    const value = given[name];
    if (value === undefined) continue;
    const merged = name === 'data' && platform.switches.metaData === 'merge';
    meta[name] = merged ? { ...(meta.data as JsonObject), ...(value as JsonObject) } : value;
    say(`session:set_${name}`, { [name]: meta[name] });
  }
  if (typeof given.ip === 'string') {
    meta.ip = given.ip;
    say('session:sync:network', { network: { ip: given.ip, connection: meta.connection } });
  }
  if (isObject(given.device)) updateDevice(platform, conversation, given.device);
  if (typeof given.email === 'string' && given.email !== '')
    bindPerson(platform, website, conversation, given.email);
}

function updateDevice(platform: Platform, conversation: CrispConversation, given: JsonObject): void {
  const { capabilities, geolocation, system, timezone, locales } = given;
  conversation.meta.device = { ...(conversation.meta.device as JsonObject), ...given };
  const nested = platform.switches.capabilities === 'nested';
  const parts: [string, Json | undefined, string, Json][] = [
    ['capabilities', capabilities, 'capabilities', nested ? { capabilities } : (capabilities ?? null)],
    ['geolocation', geolocation, 'geolocation', geolocation ?? null],
    ['system', system, 'system', system ?? null],
    ['timezone', timezone, 'timezone', { offset: timezone }],
    ['locales', locales, 'locales', { locales }],
  ];
  for (const [part, value, name, shown] of parts) {
    if (value !== undefined) tell(platform, conversation, `session:sync:${part}`, { [name]: shown });
  }
}
