import { randomBytes } from 'node:crypto';
import { type Announcement, homeOf, type Platform } from './platform.js';
import { ApiError, isObject, type JsonObject, type Web1on1Record } from './records.js';

/** Makes the parameters of a webhook complete: a missing secret is invented. */
export function webhookParams(params: unknown): JsonObject {
  if (!isObject(params) || typeof params.url !== 'string') throw new ApiError(400, 'params.url is required');
  if (!URL.canParse(params.url) || !/^https?:$/.test(new URL(params.url).protocol)) {
    throw new ApiError(400, 'params.url must be an http or https URL');
  }
  return {
    ...params,
    secret:
      typeof params.secret === 'string' && params.secret !== ''
        ? params.secret
        : randomBytes(20).toString('base64'),
  };
}

function paramsOf(service: Web1on1Record): JsonObject {
  return isObject(service.params) ? service.params : {};
}

export const urlOf = (service: Web1on1Record) => String(paramsOf(service).url);
export const secretOf = (service: Web1on1Record) => String(paramsOf(service).secret);

/** Whether this subscription is told. */
export function isSubscribed(
  platform: Platform,
  service: Web1on1Record,
  announcement: Announcement,
): boolean {
  if (service.type !== 'webhook' || service.status !== 'active' || service.id === announcement.except)
    return false;
  const { author } = announcement;
  const writer = author === undefined ? undefined : platform.users.get(author);
  if (!platform.switches.selfEcho && writer !== undefined && homeOf(writer).role === 'bot') return false;
  const path = String(
    platform.organizations.get(announcement.organization)?.path ?? announcement.organization,
  );
  if (!path.split('#').includes(String(service.organization))) return false;
  const events = paramsOf(service).events;
  if (!Array.isArray(events) || events.length === 0) return true;
  return events.some((pattern) => eventMatches(String(pattern), announcement.event));
}

/** `*` stands for one word, and as the last word for the rest (developers.web1on1.chat, webhooks/subscribing). */
function eventMatches(pattern: string, event: string): boolean {
  const wanted = pattern.split('.');
  const words = event.split('.');
  const open = wanted.at(-1) === '*';
  if (open ? words.length < wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, index) => word === '*' || word === words[index]);
}
