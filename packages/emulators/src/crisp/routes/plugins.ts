import { isObject, type JsonObject } from '../../json.js';
import { CrispError, notFound } from '../errors.js';
import { type Platform, tellWebsite, websitesOf } from '../platform.js';
import type { Installation, Plugin } from '../records.js';
import {
  added,
  type Call,
  deleted,
  dispatched,
  listed,
  page,
  type Route,
  resolved,
  saved,
  updated,
} from '../route.js';
import { filled, object, text } from '../schemas.js';
import { install } from '../seed.js';
import { planOf } from './plans.js';

const ALL = '/plugins/subscription';
const ONE = `${ALL}/:website/:plugin`;

/** The plugin's own account, and subscriptions of websites to plugins. */
export const pluginRoutes: Route[] = [
  {
    method: 'GET',
    path: '/plugin/connect/account',
    tiers: 'P',
    handle: ({ caller }) => resolved({ plugin_id: caller.owner }),
  },
  { method: 'HEAD', path: '/plugin/connect/session', tiers: 'P', handle: () => resolved({}) },
  {
    method: 'GET',
    path: '/plugin/connect/websites/all/:page',
    tiers: 'P',
    handle: (call) => page(call, connectWebsites(call)),
  },
  {
    method: 'GET',
    path: '/plugin/connect/websites/since',
    tiers: 'P',
    handle: (call) =>
      listed(
        connectWebsites(call, Date.parse(call.query.date_since ?? '')).map((website) => ({
          ...website,
          difference: 'created',
        })),
      ),
  },
  {
    method: 'GET',
    path: ALL,
    tiers: 'U',
    handle: ({ platform, caller }) =>
      listed(websitesOf(platform, caller).flatMap(({ website_id }) => subscriptions(platform, website_id))),
  },
  {
    method: 'GET',
    path: `${ALL}/:website`,
    tiers: 'U',
    handle: ({ platform, website }) => listed(subscriptions(platform, website.website_id)),
  },
  {
    method: 'POST',
    path: `${ALL}/:website`,
    tiers: 'U',
    body: object({ plugin_id: filled }, 'plugin_id'),
    handle({ platform, website, body }) {
      const plugin = platform.plugins.get(String(body.plugin_id));
      if (plugin === undefined) throw notFound('plugin');
      if (plugin.installations.has(website.website_id)) throw new CrispError(409, 'already_subscribed');
      install(platform, plugin, website);
      bound(platform, plugin, website.website_id, true);
      return added();
    },
  },
  {
    method: 'GET',
    path: ONE,
    tiers: 'UP',
    handle(call) {
      const { plugin, installation } = subscription(call);
      return resolved(shown(plugin, installation));
    },
  },
  {
    method: 'DELETE',
    path: ONE,
    tiers: 'U',
    handle(call) {
      const { plugin } = subscription(call);
      bound(call.platform, plugin, call.website.website_id, false);
      plugin.installations.delete(call.website.website_id);
      return deleted();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/settings`,
    tiers: 'UP',
    handle(call) {
      const { plugin, installation } = subscription(call);
      const { website_id, token, settings } = installation;
      return resolved({
        plugin_id: plugin.plugin_id,
        website_id,
        token,
        schema: {},
        settings,
        settings_form_url: '',
        callback_url: '',
      });
    },
  },
  {
    method: 'PUT',
    path: `${ONE}/settings`,
    tiers: 'UP',
    body: object(),
    handle(call) {
      saveSettings(call, call.body);
      return saved();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/settings`,
    tiers: 'UP',
    body: object(),
    handle(call) {
      saveSettings(call, { ...subscription(call).installation.settings, ...call.body });
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/bill/usage`,
    tiers: 'UP',
    handle: (call) => listed(subscription(call).installation.usage),
  },
  {
    method: 'POST',
    path: `${ONE}/bill/usage`,
    tiers: 'P',
    body: object(),
    handle(call) {
      subscription(call).installation.usage.push(call.body);
      return added();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/attest/provenance`,
    tiers: 'UP',
    handle(call) {
      subscription(call);
      return resolved({});
    },
  },
  {
    method: 'POST',
    path: `${ONE}/channel`,
    tiers: 'UP',
    body: object({ namespace: filled, identifier: text, payload: object() }, 'namespace', 'payload'),
    handle(call) {
      const { plugin_id } = subscription(call).plugin;
      const { namespace, identifier, payload } = call.body;
      forPlugin(call, 'plugin:channel', plugin_id, { namespace, ...(identifier && { identifier }), payload });
      return dispatched();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/event`,
    tiers: 'UP',
    body: object({ name: filled, data: object() }, 'name'),
    handle(call) {
      const { plugin_id, urn } = subscription(call).plugin;
      const { name, data } = call.body;
      forPlugin(call, 'plugin:event', plugin_id, { urn, name, data: data ?? {} });
      return dispatched();
    },
  },
];

function subscription({ platform, website, params }: Call): { plugin: Plugin; installation: Installation } {
  const plugin = platform.plugins.get(params.plugin ?? '');
  const installation = plugin?.installations.get(website.website_id);
  if (plugin === undefined || installation === undefined) throw new CrispError(404, 'not_subscribed');
  return { plugin, installation };
}

function subscriptions(platform: Platform, websiteId: string): JsonObject[] {
  return [...platform.plugins.values()].flatMap((plugin) => {
    const installation = plugin.installations.get(websiteId);
    return installation === undefined ? [] : [shown(plugin, installation)];
  });
}

function shown({ plugin_id, urn, name }: Plugin, { website_id, since }: Installation): JsonObject {
  return {
    id: plugin_id,
    urn,
    type: 'other',
    category: 'utility',
    name,
    summary: '',
    price: 0,
    plans: [],
    icon: '',
    configurable: true,
    since,
    active: true,
    website_id,
  };
}

/** `filter_configured` leaves out websites whose settings are empty. */
function connectWebsites({ platform, caller, query }: Call, since = Number.NaN): JsonObject[] {
  return websitesOf(platform, caller).flatMap((website) => {
    const installation = platform.plugins.get(caller.owner)?.installations.get(website.website_id);
    if (installation === undefined || Date.parse(installation.since) < since) return [];
    const { website_id, token, settings } = installation;
    if (query.filter_configured === '1' && Object.keys(settings).length === 0) return [];
    const { id, name, trialing } = planOf(website);
    return [
      {
        website_id,
        price: 0,
        token,
        settings,
        ...(query.include_plan === '1' && { plan: { id, name, trialing } }),
      },
    ];
  });
}

function saveSettings(call: Call, settings: JsonObject): void {
  const { plugin, installation } = subscription(call);
  installation.settings = isObject(settings) ? settings : {};
  forPlugin(call, 'plugin:settings:saved', plugin.plugin_id, { settings: installation.settings });
}

function forPlugin({ platform, website }: Call, event: string, pluginId: string, fields: JsonObject): void {
  const { website_id } = website;
  const data = { website_id, plugin_id: pluginId, ...fields };
  platform.announce({ event, websiteId: website_id, pluginId, data });
}

function bound(platform: Platform, plugin: Plugin, websiteId: string, now: boolean): void {
  const website = platform.websites.get(websiteId);
  if (website === undefined) return;
  tellWebsite(platform, website, 'plugin:subscription:updated', {
    plugin_id: plugin.plugin_id,
    bound: now,
    target: {},
  });
}
