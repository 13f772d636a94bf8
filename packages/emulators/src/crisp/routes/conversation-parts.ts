import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../json.js';
import { notFound } from '../errors.js';
import { tell } from '../platform.js';
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
import { actor, filled, object, oneOf, text } from '../schemas.js';
import { place } from './conversations.js';

const ONE = '/website/:website/conversation/:session';

/** Pages, events, files, browsing, calls, and what is requested for a conversation. */
export const conversationPartRoutes: Route[] = [
  parts('pages', (call) => place(call).pages),
  parts('events', (call) => place(call).events),
  parts('files', filesOf),
  {
    method: 'GET',
    path: `${ONE}/relations`,
    tiers: 'UP',
    handle(call) {
      place(call);
      return resolved({ conversations: { parent: null, children: [] } });
    },
  },
  request('transcript', object({ to: oneOf('operator', 'user'), email: filled }, 'to')),
  request('purge'),
  request('feedback'),
  {
    method: 'POST',
    path: `${ONE}/reminder`,
    tiers: 'UP',
    body: object({ date: filled, note: text, ...actor }, 'date', 'note'),
    handle(call) {
      place(call).reminders.push(call.body);
      return added();
    },
  },
  { method: 'GET', path: `${ONE}/browsing`, tiers: 'UP', handle: (call) => listed(place(call).browsing) },
  {
    method: 'POST',
    path: `${ONE}/browsing`,
    tiers: 'UP',
    handle(call) {
      const conversation = place(call);
      const browsing = { browsing_id: `browsing_${randomUUID()}`, browsing_token: randomUUID() };
      conversation.browsing.push({ ...browsing, useragent: 'Emulated Browser' });
      tell(call.platform, conversation, 'browsing:request:initiated', browsing);
      return dispatched();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/browsing/:browsing`,
    tiers: 'UP',
    body: object({ action: filled }, 'action'),
    handle(call) {
      browsingOf(call);
      return updated();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/browsing/:browsing/assist`,
    tiers: 'UP',
    body: object(),
    handle(call) {
      browsingOf(call);
      return dispatched();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/call`,
    tiers: 'UP',
    body: object({ mode: filled, ...actor }, 'mode'),
    handle(call) {
      const conversation = place(call);
      conversation.call = `call_${randomUUID()}`;
      tell(call.platform, conversation, 'call:request:initiated', { call_id: conversation.call });
      return dispatched();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/call`,
    tiers: 'UP',
    handle(call) {
      const { call: call_id } = place(call);
      if (call_id === null) throw notFound('call');
      return resolved({ call_id });
    },
  },
  {
    method: 'DELETE',
    path: `${ONE}/call/:call`,
    tiers: 'UP',
    body: object(actor),
    handle(call) {
      const conversation = ongoing(call);
      tell(call.platform, conversation, 'call:request:rejected', { call_id: conversation.call });
      conversation.call = null;
      return deleted();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/call/:call`,
    tiers: 'UP',
    body: object(),
    handle(call) {
      ongoing(call);
      return dispatched();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/tool`,
    tiers: '?',
    body: object({ command: filled, payload: object() }, 'command'),
    handle(call) {
      place(call);
      return dispatched();
    },
  },
  widget('button', object({ section_id: filled, item_id: filled, data: object() }, 'section_id', 'item_id')),
  // Both `fetch` and `edit` come here: by the documentation with an `action`, by the Node SDK without.
  widget('data', object({ section_id: filled, item_id: filled }, 'section_id', 'item_id')),
];

function parts(name: string, list: (call: Call) => readonly JsonObject[]): Route {
  return {
    method: 'GET',
    path: `${ONE}/${name}/:page`,
    tiers: 'UP',
    handle: (call) => page(call, list(call)),
  };
}

/** Something is sent to somebody; nothing in the conversation changes. */
function request(name: string, body?: object): Route {
  return {
    method: 'POST',
    path: `${ONE}/${name}`,
    tiers: 'UP',
    ...(body !== undefined && { body }),
    handle(call) {
      place(call);
      return dispatched();
    },
  };
}

/** What comes of it is told by `widget:action:processed`. */
function widget(name: string, body: object): Route {
  return {
    method: 'POST',
    path: `${ONE}/widget/:plugin/${name}`,
    tiers: 'U',
    body,
    handle(call) {
      const conversation = place(call);
      const { plugin } = call.params;
      if (call.platform.plugins.get(plugin ?? '') === undefined) throw notFound('plugin');
      const correlation_id = randomUUID();
      const outcome = { plugin_id: plugin, correlation_id, outcome: 'success', result: {} };
      tell(call.platform, conversation, 'widget:action:processed', outcome);
      return dispatched({ correlation_id, strategy: { attempts: 1, exhaustion: 10 } });
    },
  };
}

function filesOf(call: Call): JsonObject[] {
  return place(call)
    .messages.filter(({ type }) => ['file', 'animation', 'audio'].includes(type))
    .map(({ content, fingerprint, timestamp }) => {
      const { name, type, url } = content as Record<string, Json>;
      return { name: name ?? String(url).split('/').at(-1), type, url, fingerprint, timestamp };
    });
}

function browsingOf(call: Call): JsonObject {
  const { browsing } = place(call);
  const found = browsing.find(({ browsing_id }) => browsing_id === call.params.browsing);
  if (found === undefined) throw notFound('browsing');
  return found;
}

function ongoing(call: Call) {
  const conversation = place(call);
  if (conversation.call !== call.params.call) throw notFound('call');
  return conversation;
}
