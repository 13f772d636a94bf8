import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject } from '../../json.js';
import { crudRoutes } from '../crud.js';
import { CrispError } from '../errors.js';
import { CONTENT_TYPES, HELPDESK_SETTINGS, helpdeskOf, localeOf, urlOf } from '../helpdesk.js';
import { document, shelf } from '../platform.js';
import type { Website } from '../records.js';
import {
  added,
  type Call,
  deleted,
  dispatched,
  listed,
  page,
  type Route,
  resolved,
  updated,
} from '../route.js';
import { filled, flag, object, text, textOrNull, texts } from '../schemas.js';
import { checkPassword, VERIFY } from './website.js';

const ONE = '/website/:website/helpdesk';

/** The helpdesk, its locales, redirections, feedback, settings and domain. */
export const helpdeskRoutes: Route[] = [
  {
    method: 'HEAD',
    path: ONE,
    tiers: 'UP',
    handle({ website }) {
      helpdeskOf(website);
      return resolved({});
    },
  },
  {
    method: 'GET',
    path: ONE,
    tiers: 'UP',
    handle: ({ website }) => resolved({ name: helpdeskOf(website).name, url: urlOf(website) }),
  },
  {
    method: 'POST',
    path: ONE,
    tiers: 'U',
    body: object({ name: filled, domain_basic: filled }, 'name', 'domain_basic'),
    handle({ website, body }) {
      if (website.documents.has('helpdesk')) throw new CrispError(409, 'helpdesk_exists');
      website.documents.set('helpdesk', { name: body.name, domain_basic: body.domain_basic });
      return added();
    },
  },
  {
    method: 'DELETE',
    path: ONE,
    tiers: 'U',
    body: VERIFY,
    handle(call) {
      checkPassword(call);
      helpdeskOf(call.website);
      call.website.documents.delete('helpdesk');
      return deleted();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/locales/:page`,
    tiers: 'UP',
    handle(call) {
      helpdeskOf(call.website);
      return page(
        call,
        [...shelf(call.website, 'locale').values()].map((locale) => shownLocale(call.website, locale)),
      );
    },
  },
  {
    method: 'POST',
    path: `${ONE}/locale`,
    tiers: 'UP',
    body: object({ locale: filled }, 'locale'),
    handle({ website, body }) {
      helpdeskOf(website);
      const locale = String(body.locale);
      if (shelf(website, 'locale').has(locale)) throw new CrispError(409, 'locale_exists');
      const locale_id = randomUUID();
      shelf(website, 'locale').set(locale, { locale_id, locale });
      return added({ locale_id });
    },
  },
  {
    method: 'HEAD',
    path: `${ONE}/locale/:locale`,
    tiers: 'UP',
    handle({ website, params }) {
      localeOf(website, params.locale);
      return resolved({});
    },
  },
  {
    method: 'GET',
    path: `${ONE}/locale/:locale`,
    tiers: 'UP',
    handle: ({ website, params }) => resolved(shownLocale(website, localeOf(website, params.locale))),
  },
  {
    method: 'DELETE',
    path: `${ONE}/locale/:locale`,
    tiers: 'UP',
    handle({ website, params }) {
      localeOf(website, params.locale);
      shelf(website, 'locale').delete(params.locale ?? '');
      for (const type of CONTENT_TYPES) website.shelves.delete(`tree ${params.locale} ${type}`);
      return deleted();
    },
  },
  request('refresh'),
  request(
    'import',
    object({ helpdesk_url: filled, detect_locales: flag, other_locales: texts }, 'helpdesk_url'),
  ),
  request('export'),
  {
    method: 'GET',
    path: `${ONE}/feedback/ratings/:locale/:type`,
    tiers: 'UP',
    handle({ website, params }) {
      localeOf(website, params.locale);
      return resolved({ ratings: { helpful: 0, unhelpful: 0 } });
    },
  },
  {
    method: 'GET',
    path: `${ONE}/feedback/list/:locale/:type/:page`,
    tiers: 'UP',
    handle({ website, params }) {
      localeOf(website, params.locale);
      return listed([]);
    },
  },
  ...crudRoutes({
    noun: 'redirection',
    path: '/helpdesk/redirection',
    list: '/helpdesk/redirections',
    read: 'UP',
    write: 'UP',
    body: object({ path: filled, target: filled }, 'path', 'target'),
    fields: ({ path, target }) => ({ path, target }),
  }).filter(({ method }) => method !== 'PUT'),
  {
    method: 'GET',
    path: `${ONE}/settings`,
    tiers: 'UP',
    handle: ({ website }) => resolved({ name: helpdeskOf(website).name, ...settingsOf(website) }),
  },
  {
    method: 'PATCH',
    path: `${ONE}/settings`,
    tiers: 'UP',
    body: object({ name: filled }),
    handle({ website, body }) {
      const { name, ...settings } = body;
      if (name !== undefined) helpdeskOf(website).name = name;
      for (const [key, value] of Object.entries(settings)) {
        const known = settingsOf(website)[key];
        settingsOf(website)[key] = isObject(known) && isObject(value) ? { ...known, ...value } : value;
      }
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/domain`,
    tiers: 'U',
    handle({ website }) {
      const { domain_basic, domain_custom } = helpdeskOf(website);
      return resolved({
        root: 'crisp.help',
        basic: domain_basic,
        custom: domain_custom ?? '',
        verified: false,
      });
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/domain`,
    tiers: 'U',
    body: object({ basic: text, custom: textOrNull }),
    handle({ website, body }) {
      const helpdesk = helpdeskOf(website);
      if (body.basic !== undefined) helpdesk.domain_basic = body.basic;
      if (body.custom !== undefined) helpdesk.domain_custom = body.custom;
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/domain/setup`,
    tiers: 'U',
    handle(call) {
      helpdeskOf(call.website);
      return resolved({});
    },
  },
];

const settingsOf = (website: Website): JsonObject =>
  document(website, 'helpdesk settings', HELPDESK_SETTINGS);

/** Asked for a locale and a type of content; nothing comes of it here. */
function request(name: string, body?: object): Route {
  return {
    method: 'POST',
    path: `${ONE}/${name}/:locale/:type`,
    tiers: name === 'refresh' ? '?' : 'U',
    ...(body !== undefined && { body }),
    handle({ website, params }: Call) {
      localeOf(website, params.locale);
      return dispatched();
    },
  };
}

function shownLocale(website: Website, { locale_id, locale }: JsonObject): JsonObject {
  const statistics = CONTENT_TYPES.map((type) => {
    const entries = shelf(website, `tree ${locale} ${type}`).size;
    return [type, { entries, groups: 0 }] as const;
  });
  return {
    locale_id,
    locale,
    url: urlOf(website, String(locale)),
    statistics: Object.fromEntries<JsonObject>(statistics),
  };
}
