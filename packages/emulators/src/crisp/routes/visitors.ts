import { isObject, type Json, type JsonObject } from '../../json.js';
import { notFound } from '../errors.js';
import type { CrispConversation, Website } from '../records.js';
import { deleted, listed, page, type Route, resolved } from '../route.js';

const ALL = '/website/:website/visitors';

export const visitorRoutes: Route[] = [
  {
    method: 'GET',
    path: `${ALL}/count`,
    tiers: 'UP',
    handle: ({ website }) =>
      resolved({
        count: present(website).length,
        active: present(website).filter(({ active }) => active.now).length,
        limited: false,
      }),
  },
  {
    method: 'GET',
    path: `${ALL}/list/:page`,
    tiers: 'UP',
    handle: (call) => page(call, present(call.website).map(shown)),
  },
  {
    method: 'GET',
    path: `${ALL}/map`,
    tiers: 'UP',
    handle: ({ website }) => listed(present(website).flatMap(point)),
  },
  {
    method: 'GET',
    path: `${ALL}/token/:token`,
    tiers: 'UP',
    handle({ website, params }) {
      const found = [...website.conversations.values()].find(({ token }) => token === params.token);
      if (found === undefined) throw notFound('token');
      return resolved({ session_id: found.session_id });
    },
  },
  {
    method: 'GET',
    path: `${ALL}/blocked`,
    tiers: 'U',
    handle: ({ website }) => resolved({ rule: ['session'], blocked: blocked(website).length }),
  },
  {
    method: 'GET',
    path: `${ALL}/blocked/:rule`,
    tiers: 'U',
    // A bare number (npm crisp-api, lib/resources/WebsiteVisitors.ts).
    handle: ({ website }) => resolved(blocked(website).length),
  },
  {
    method: 'DELETE',
    path: `${ALL}/blocked/:rule`,
    tiers: 'U',
    handle({ website }) {
      for (const conversation of blocked(website)) conversation.is_blocked = false;
      return deleted();
    },
  },
];

/** Those whose chat box is open. */
const present = (website: Website) =>
  [...website.conversations.values()].filter(({ availability }) => availability === 'online');

const blocked = (website: Website) =>
  [...website.conversations.values()].filter(({ is_blocked }) => is_blocked);

function shown({ session_id, inbox_id, meta, messages, active, pages }: CrispConversation): JsonObject {
  const { nickname, email, avatar } = meta;
  const { capabilities, geolocation, system, timezone, locales } = meta.device as JsonObject;
  const { page_title, page_url } = pages.at(-1) ?? {};
  return {
    session_id,
    inbox_id,
    nickname,
    email,
    avatar,
    useragent: isObject(system) ? system.useragent : '',
    initiated: messages.length > 0,
    active: active.now,
    last_page: { page_title: page_title ?? '', page_url: page_url ?? '' },
    geolocation: geolocation ?? {},
    timezone: timezone ?? 0,
    capabilities: capabilities ?? [],
    locales: locales ?? [],
  };
}

/** Visitors without a place are on no map. */
function point(conversation: CrispConversation): Json[] {
  const { geolocation } = conversation.meta.device as JsonObject;
  if (!isObject(geolocation)) return [];
  const { useragent: _agent, inbox_id: _inbox, geolocation: _place, ...session } = shown(conversation);
  return [{ visitors: { count: 1, threshold: 1, sessions: [session] }, geolocation }];
}
