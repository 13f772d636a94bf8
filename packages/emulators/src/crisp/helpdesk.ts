import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.js';
import { invalidData, notFound } from './errors.js';
import { document, shelf } from './platform.js';
import type { Website } from './records.js';
import type { Call } from './route.js';

/** npm crisp-api, lib/resources/WebsiteHelpdesk.ts. */
export const CONTENT_TYPES = ['articles', 'guides', 'references', 'news'];

/** Settings in the shape of npm crisp-api, lib/resources/WebsiteHelpdesk.ts. */
export const HELPDESK_SETTINGS: JsonObject = {
  appearance: {
    color: { mode: 'auto', mode_changeable: true },
    logos: { favicon: '', header: '', footer: '' },
    banner: '',
  },
  localization: { writing_locale: 'en', translated_automatic: false, translated_locales_readonly: false },
  section: { articles: '', guides: '', references: '', news: '' },
  behavior: { frequently_read: true, show_chatbox: true, ask_feedback: true, locale_picker: true },
  service: { mcp_server: false },
  include: { html: '' },
  access: { restrict_mode: 'none' },
};

/** Throws 404 before it has been initialized. */
export function helpdeskOf(website: Website): JsonObject {
  if (!website.documents.has('helpdesk')) throw notFound('helpdesk');
  return document(website, 'helpdesk');
}

export function urlOf(website: Website, ...segments: string[]): string {
  const { domain_basic } = helpdeskOf(website);
  return [`https://${domain_basic}.crisp.help`, ...segments].join('/');
}

export function localeOf(website: Website, locale = ''): JsonObject {
  helpdeskOf(website);
  const known = shelf(website, 'locale').get(locale);
  if (known === undefined) throw notFound('locale');
  return known;
}

/** Paths of one locale and type of content, with what is there. */
export function treeOf({ website, params }: Call): Map<string, JsonObject> {
  const { locale = '', type = '' } = params;
  localeOf(website, locale);
  if (!CONTENT_TYPES.includes(type))
    throw invalidData('params.type should be equal to one of the allowed values');
  return shelf(website, `tree ${locale} ${type}`);
}

export const pathOf = ({ params }: Call): string => params['*'] ?? '';

export function entryOf(call: Call): JsonObject {
  const entry = treeOf(call).get(pathOf(call));
  if (entry === undefined) throw notFound('path');
  return entry;
}

export function newEntry(call: Call): JsonObject {
  const title = pathOf(call).split('/').at(-1) ?? '';
  return {
    entity_id: randomUUID(),
    content: '',
    metadata: {
      format: 'markdown',
      title,
      description: '',
      state: { published: false, hidden: false, featured: false },
      author: call.caller.tier === 'user' ? { user_id: call.caller.owner } : {},
      color: '',
      image: '',
    },
    created_at: call.platform.clock.now(),
  };
}

/** Entries directly under a path, each with those under it. */
export function childrenOf(tree: ReadonlyMap<string, JsonObject>, parent: string): JsonObject[] {
  const prefix = parent === '' ? '' : `${parent}/`;
  return [...tree]
    .filter(
      ([path]) => path.startsWith(prefix) && path !== parent && !path.slice(prefix.length).includes('/'),
    )
    .map(([path, entry]) => shownEntry(tree, path, entry));
}

export function shownEntry(
  tree: ReadonlyMap<string, JsonObject>,
  path: string,
  entry: JsonObject,
): JsonObject {
  const { title, state } = entry.metadata as JsonObject;
  const children = childrenOf(tree, path);
  const type = children.length > 0 ? 'group' : 'entry';
  return { type, slug: path.split('/').at(-1) ?? path, title, state, children };
}

/** Every write leaves a change behind. */
export function noteChange(call: Call, message: string, entry: JsonObject): void {
  const { platform, website, caller, params } = call;
  const user = platform.users.get(caller.owner);
  const change_id = randomUUID();
  const path = pathOf(call);
  const files: Json[] = [{ change: message, path, metadata: entry.metadata, content: entry.content }];
  shelf(website, 'change').set(change_id, {
    change_id,
    message: `${message} ${path}`,
    author: { email: user?.email ?? '', name: user ? `${user.first_name} ${user.last_name}`.trim() : '' },
    edits: { insertions: 1, deletions: 0 },
    created_at: platform.clock.now(),
    files,
    about: { locale: params.locale, type: params.type, path },
  });
}
