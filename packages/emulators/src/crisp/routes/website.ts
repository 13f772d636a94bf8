import { isObject, type JsonObject } from '../../json.js';
import { CrispError } from '../errors.js';
import { websitesOf } from '../platform.js';
import type { Website } from '../records.js';
import { added, type Call, deleted, type Route, resolved, updated } from '../route.js';
import { filled, object } from '../schemas.js';
import { createWebsite } from '../seed.js';

const ONE = '/website/:website';
export const VERIFY = object(
  { verify: object({ method: filled, secret: filled }, 'method', 'secret') },
  'verify',
);

/** The website itself, its settings and what depends on nothing else. */
export const websiteRoutes: Route[] = [
  {
    method: 'HEAD',
    path: '/website',
    tiers: 'UP',
    handle({ platform, caller, query }) {
      if (!websitesOf(platform, caller).some(({ domain }) => domain === query.domain))
        throw new CrispError(404, 'website_not_found');
      return resolved({});
    },
  },
  {
    method: 'POST',
    path: '/website',
    tiers: 'U',
    body: object({ name: filled, domain: filled }, 'name', 'domain'),
    handle({ platform, caller, body }) {
      const domain = String(body.domain);
      if ([...platform.websites.values()].some((website) => website.domain === domain))
        throw new CrispError(409, 'website_exists');
      const owner = platform.users.get(caller.owner);
      if (owner === undefined) throw new CrispError(401, 'invalid_session');
      const { website_id } = createWebsite(platform, { name: String(body.name), domain, owner });
      return added({ website_id });
    },
  },
  { method: 'GET', path: ONE, tiers: 'UP', handle: ({ website }) => resolved(shownWebsite(website)) },
  {
    method: 'DELETE',
    path: ONE,
    tiers: 'U',
    body: VERIFY,
    handle(call) {
      checkPassword(call);
      // Only scheduled: it can be taken back.
      call.website.deleting = true;
      return deleted();
    },
  },
  {
    method: 'DELETE',
    path: `${ONE}/expunge`,
    tiers: 'U',
    handle({ website }) {
      if (!website.deleting) throw new CrispError(404, 'expunge_not_found');
      website.deleting = false;
      return deleted();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/settings`,
    tiers: 'UP',
    handle: ({ website }) => resolved(settingsOf(website)),
  },
  {
    method: 'PATCH',
    path: `${ONE}/settings`,
    tiers: 'UP',
    body: object({
      name: filled,
      domain: filled,
      contact: object(),
      inbox: object(),
      emails: object(),
      chatbox: object(),
    }),
    handle({ website, body }) {
      const { website_id: _id, name, domain, logo, ...settings } = body;
      if (typeof name === 'string') website.name = name;
      if (typeof domain === 'string') website.domain = domain;
      if (typeof logo === 'string' || logo === null) website.logo = logo;
      for (const [key, value] of Object.entries(settings)) {
        const known = website.settings[key];
        website.settings[key] = isObject(known) && isObject(value) ? { ...known, ...value } : value;
      }
      return updated();
    },
  },
  // Of the Node SDK before 2.0 (lib/resources/WebsiteStats.js).
  {
    method: 'GET',
    path: `${ONE}/stats`,
    tiers: 'UP',
    handle: ({ website }) =>
      resolved({ conversations: website.conversations.size, people: website.people.size }),
  },
];

function shownWebsite({ website_id, name, domain, logo }: Website): JsonObject {
  return { website_id, name, domain, logo, verified: true, institutional: false };
}

function settingsOf({ website_id, name, domain, logo, settings }: Website): JsonObject {
  return { website_id, name, domain, logo, ...settings };
}

/** The account's password stands for the user who asks. */
export function checkPassword({ platform, caller, body }: Call): void {
  const verify = isObject(body.verify) ? body.verify : {};
  const user = platform.users.get(caller.owner);
  if (verify.method !== 'password' || user?.password !== verify.secret)
    throw new CrispError(403, 'invalid_verification');
}
