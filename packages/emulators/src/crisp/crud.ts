import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.js';
import type { RouteTiers } from './auth.js';
import { notFound } from './errors.js';
import { shelf } from './platform.js';
import type { Website } from './records.js';
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
} from './route.js';

/** Records that are made, listed, read, changed and deleted in the same way. */
export interface Kind {
  /** Names the shelf, and the id: `inbox` has an `inbox_id`. */
  noun: string;
  /** After `/website/:website`: where one is made, and where its id follows. */
  path: string;
  /** After `/website/:website`: where pages are listed. */
  list: string;
  read: RouteTiers;
  write: RouteTiers;
  /** JSON schema of the body that makes one. */
  body: object;
  /** JSON schema of the body that changes one. Default: that which makes one. */
  change?: object;
  /** PATCH is there too. */
  patch?: true;
  /** What a new record has besides its id and times, or a PUT puts in the place of what was there. */
  fields(body: JsonObject, call: Call): JsonObject;
  /** What lists show. Default: everything. */
  excerpt?(record: JsonObject): JsonObject;
}

export function crudRoutes(kind: Kind): Route[] {
  const { noun, read, write, body, change = body } = kind;
  const all = `/website/:website${kind.path}`;
  const one = `${all}/:id`;
  const found = ({ website, params }: Call) => recordOf(website, noun, params.id ?? '');
  const route = (
    method: RouteMethod,
    path: string,
    tiers: RouteTiers,
    handle: Route['handle'],
    schema?: object,
  ): Route => ({ method, path, tiers, handle, ...(schema !== undefined && { body: schema }) });

  return [
    route('GET', `/website/:website${kind.list}/:page`, read, (call) => {
      const records = [...shelf(call.website, noun).values()];
      return page(call, records.map(kind.excerpt ?? ((record) => record)));
    }),
    route(
      'POST',
      all,
      write,
      (call) => added({ [`${noun}_id`]: putRecord(call, noun, kind.fields(call.body, call)) }),
      body,
    ),
    route('HEAD', one, read, (call) => {
      found(call);
      return resolved({});
    }),
    route('GET', one, read, (call) => resolved(found(call))),
    route(
      'PUT',
      one,
      write,
      (call) => {
        replace(call, found(call), { ...found(call), ...kind.fields(call.body, call) });
        return saved();
      },
      change,
    ),
    ...(kind.patch === undefined
      ? []
      : [
          route(
            'PATCH',
            one,
            write,
            (call) => {
              replace(call, found(call), { ...found(call), ...call.body });
              return updated();
            },
            change,
          ),
        ]),
    route('DELETE', one, write, (call) => {
      found(call);
      shelf(call.website, noun).delete(call.params.id ?? '');
      return deleted();
    }),
  ];
}

export function recordOf(website: Website, noun: string, id: string): JsonObject {
  const record = shelf(website, noun).get(id);
  if (record === undefined) throw notFound(noun);
  return record;
}

/** Returns the id. */
export function putRecord({ platform, website }: Call, noun: string, fields: JsonObject): string {
  const id = randomUUID();
  const now = platform.clock.now();
  shelf(website, noun).set(id, { [`${noun}_id`]: id, ...fields, created_at: now, updated_at: now });
  return id;
}

/** The id and the time of creation stay, whatever the body says. */
function replace({ platform, params }: Call, record: JsonObject, next: JsonObject): void {
  const { created_at } = record;
  const id = Object.entries(record).find(([, value]) => value === params.id);
  Object.assign(record, next, { created_at, updated_at: platform.clock.now() });
  if (id !== undefined) record[id[0]] = id[1];
}
