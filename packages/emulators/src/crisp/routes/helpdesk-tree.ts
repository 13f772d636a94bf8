import type { JsonObject } from '../../json.js';
import { CrispError, notFound } from '../errors.js';
import {
  childrenOf,
  entryOf,
  helpdeskOf,
  newEntry,
  noteChange,
  pathOf,
  shownEntry,
  treeOf,
  urlOf,
} from '../helpdesk.js';
import { shelf } from '../platform.js';
import {
  added,
  type Call,
  deleted,
  page,
  type Route,
  type RouteMethod,
  resolved,
  saved,
  updated,
} from '../route.js';
import { filled, object, text, whole } from '../schemas.js';

const ONE = '/website/:website/helpdesk';
const PLACE = ':locale/:type';

/** Pages, the tree of contents, and its history. A path is the rest of the URL, slashes included. */
export const helpdeskTreeRoutes: Route[] = [
  {
    method: 'GET',
    path: `${ONE}/page/list/${PLACE}/:page`,
    tiers: '?',
    handle: (call) =>
      page(
        call,
        [...treeOf(call)].map(([path, entry]) => shownPage(call, path, entry)),
      ),
  },
  {
    method: 'GET',
    path: `${ONE}/page/entity/${PLACE}/:entity`,
    tiers: '?',
    handle(call) {
      const found = [...treeOf(call)].find(([, { entity_id }]) => entity_id === call.params.entity);
      if (found === undefined) throw notFound('page');
      return resolved(shownPage(call, ...found));
    },
  },
  { method: 'GET', path: `${ONE}/tree/list/${PLACE}/:page`, tiers: '?', handle: list },
  at('POST', 'path', (call) => {
    const tree = treeOf(call);
    if (tree.has(pathOf(call))) throw new CrispError(409, 'path_exists');
    const entry = newEntry(call);
    tree.set(pathOf(call), entry);
    noteChange(call, 'create', entry);
    return added();
  }),
  at('GET', 'path', (call) => resolved(shownEntry(treeOf(call), pathOf(call), entryOf(call)))),
  at(
    'PATCH',
    'path',
    move,
    object({ action: filled, path: object({ to: text }), position: whole }, 'action'),
  ),
  at('DELETE', 'path', (call) => {
    noteChange(call, 'delete', entryOf(call));
    for (const path of treeOf(call).keys())
      if (path === pathOf(call) || path.startsWith(`${pathOf(call)}/`)) treeOf(call).delete(path);
    return deleted();
  }),
  at('GET', 'content', (call) => resolved({ content: entryOf(call).content })),
  at(
    'PUT',
    'content',
    (call) => {
      const entry = Object.assign(entryOf(call), { content: call.body.content });
      noteChange(call, 'update', entry);
      return saved();
    },
    object({ content: text }, 'content'),
  ),
  at('GET', 'metadata', (call) => resolved(entryOf(call).metadata as JsonObject)),
  at(
    'PATCH',
    'metadata',
    (call) => {
      const entry = entryOf(call);
      entry.metadata = { ...(entry.metadata as JsonObject), ...call.body };
      noteChange(call, 'update', entry);
      return updated();
    },
    object({ format: text, title: text, description: text, state: object(), author: object() }),
  ),
  at('GET', 'page', (call) => {
    const { title } = entryOf(call).metadata as JsonObject;
    return resolved({ title, url: pageUrl(call, pathOf(call)) });
  }),
  { method: 'GET', path: `${ONE}/history/changes/:page`, tiers: '?', handle: history },
  {
    method: 'GET',
    path: `${ONE}/history/change/:change`,
    tiers: '?',
    handle(call) {
      const { about: _about, ...change } = changeOf(call);
      return resolved(change);
    },
  },
  {
    method: 'DELETE',
    path: `${ONE}/history/change/:change`,
    tiers: '?',
    body: object({ action: filled }, 'action'),
    handle(call) {
      changeOf(call);
      shelf(call.website, 'change').delete(call.params.change ?? '');
      return deleted();
    },
  },
];

function at(method: RouteMethod, what: string, handle: Route['handle'], body?: object): Route {
  const path = `${ONE}/tree/${what}/${PLACE}/*`;
  return { method, path, tiers: '?', handle, ...(body !== undefined && { body }) };
}

function list(call: Call) {
  const { sub_path = '', search_title: wanted = '' } = call.query;
  const entries = childrenOf(treeOf(call), sub_path);
  const fits = ({ title }: JsonObject) => String(title).toLowerCase().includes(wanted.toLowerCase());
  return page(call, entries.filter(fits));
}

/** The actions are not documented: with a `path` it is moved, with all that is under it. */
function move(call: Call) {
  const entry = entryOf(call);
  const { to } = (call.body.path ?? {}) as { to?: string };
  if (to !== undefined) {
    const tree = treeOf(call);
    const from = pathOf(call);
    const moving = [...tree].filter(([path]) => path === from || path.startsWith(`${from}/`));
    for (const [path, moved] of moving) {
      tree.delete(path);
      tree.set(to + path.slice(from.length), moved);
    }
  }
  noteChange(call, 'move', entry);
  return updated();
}

function history(call: Call) {
  helpdeskOf(call.website);
  const { filter_locale, filter_type, filter_tree_path } = call.query;
  const wanted = { locale: filter_locale, type: filter_type, path: filter_tree_path };
  const changes = [...shelf(call.website, 'change').values()].filter(({ about }) =>
    Object.entries(wanted).every(
      ([key, value]) => value === undefined || (about as JsonObject)[key] === value,
    ),
  );
  return page(
    call,
    changes.toReversed().map(({ about: _about, files: _files, ...excerpt }) => excerpt),
  );
}

function changeOf({ website, params }: Call): JsonObject {
  const change = shelf(website, 'change').get(params.change ?? '');
  if (change === undefined) throw notFound('change');
  return change;
}

function pageUrl({ website, params }: Call, path: string): string {
  return urlOf(website, params.locale ?? '', params.type ?? '', path);
}

function shownPage(call: Call, path: string, { entity_id, metadata }: JsonObject): JsonObject {
  const { title } = metadata as JsonObject;
  return { entity_id, title, tree_path: path, url: pageUrl(call, path) };
}
