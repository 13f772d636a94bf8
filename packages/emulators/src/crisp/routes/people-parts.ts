import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.js';
import { setSubscribed } from '../people.js';
import { shelf, tellWebsite } from '../platform.js';
import { added, type Call, dispatched, page, type Route, resolved, saved, updated } from '../route.js';
import { filled, flag, listOf, object, scalars, text, whole } from '../schemas.js';
import { who } from './people.js';

const ALL = '/website/:website/people';
const CONVERSATIONS = (segment: string): Route => ({
  method: 'GET',
  path: `${ALL}/${segment}/:people/list/:page`,
  tiers: 'UP',
  handle(call) {
    const { people_id } = who(call);
    const theirs = [...call.website.conversations.values()].filter((one) => one.people_id === people_id);
    return page(
      call,
      theirs.map(({ session_id }) => session_id),
    );
  },
});
const DATA = object({ data: scalars }, 'data');

/** What belongs to a person: conversations, campaigns, events, data, subscription; and import and export. */
export const peoplePartRoutes: Route[] = [
  CONVERSATIONS('conversations'),
  // The singular form of the Node SDK before 2.0.
  CONVERSATIONS('conversation'),
  {
    method: 'GET',
    path: `${ALL}/campaigns/:people/list/:page`,
    tiers: 'U',
    handle(call) {
      who(call);
      const sent = [...shelf(call.website, 'campaign').values()].filter(
        ({ dispatched: gone }) => gone === true,
      );
      return page(call, sent.map(campaignOfPerson));
    },
  },
  {
    method: 'POST',
    path: `${ALL}/events/:people`,
    tiers: 'UP',
    body: object({ text: filled, data: object(), color: text }, 'text'),
    handle(call) {
      const { text: said, data, color } = call.body;
      const timestamp = call.platform.clock.now();
      who(call).events.push({ text: said, data: data ?? {}, ...(color && { color }), timestamp });
      return added();
    },
  },
  {
    method: 'GET',
    path: `${ALL}/events/:people/list/:page`,
    tiers: 'UP',
    handle: (call) => page(call, who(call).events.toReversed()),
  },
  {
    method: 'GET',
    path: `${ALL}/data/:people`,
    tiers: 'UP',
    handle: (call) => resolved({ data: who(call).data }),
  },
  {
    method: 'PUT',
    path: `${ALL}/data/:people`,
    tiers: 'UP',
    body: DATA,
    handle(call) {
      who(call).data = call.body.data as JsonObject;
      return saved();
    },
  },
  {
    method: 'PATCH',
    path: `${ALL}/data/:people`,
    tiers: 'UP',
    body: DATA,
    handle(call) {
      Object.assign(who(call).data, call.body.data);
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ALL}/subscription/:people`,
    tiers: 'UP',
    handle: (call) => resolved({ email: who(call).subscribed }),
  },
  {
    method: 'PATCH',
    path: `${ALL}/subscription/:people`,
    tiers: 'UP',
    body: object({ email: flag }, 'email'),
    handle(call) {
      setSubscribed(call.platform, call.website, who(call), call.body.email === true);
      return updated();
    },
  },
  { method: 'POST', path: `${ALL}/export/profiles`, tiers: 'U', handle: () => dispatched() },
  {
    method: 'POST',
    path: `${ALL}/import/profiles`,
    tiers: 'U',
    body: object(
      {
        url: filled,
        mapping: listOf(object({ column: whole, field: filled }, 'column', 'field')),
        options: object({ column_separator: text, skip_header: flag }),
      },
      'url',
      'mapping',
    ),
    handle: importProfiles,
  },
];

/** Nothing is fetched: the file counts as empty. Its end is told as a real import would. */
function importProfiles({ platform, website }: Call) {
  const import_id = randomUUID();
  const count = { total: 0, skipped: 0, remaining: 0 };
  const items = { skipped: [] };
  tellWebsite(platform, website, 'people:import:progress', { import_id, progress: 100, count, items });
  tellWebsite(platform, website, 'people:import:done', { import_id, error: false });
  return dispatched({ import_id });
}

function campaignOfPerson({
  campaign_id,
  type,
  name,
  created_at,
  updated_at,
  dispatched_at,
}: JsonObject): JsonObject {
  const occurred_at = dispatched_at;
  return { campaign_id, type, name, created_at, updated_at, dispatched_at, occurred_at, statistics: [] };
}
