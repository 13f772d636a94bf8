import type { JsonObject } from '../../json.js';
import { touch } from '../conversations.js';
import { invalidData, notFound } from '../errors.js';
import { MESSAGE } from '../message-schema.js';
import {
  acknowledge,
  type Composing,
  compose,
  editMessage,
  messageOf,
  removeMessage,
  userFields,
  writeMessage,
} from '../messages.js';
import { tell } from '../platform.js';
import type { Author, CrispMessage } from '../records.js';
import { type Call, deleted, dispatched, listed, type Route, resolved, updated } from '../route.js';
import { filled, flag, listOf, object, oneOf, text } from '../schemas.js';
import { place } from './conversations.js';

const ONE = '/website/:website/conversation/:session';
const MESSAGE_PATH = `${ONE}/message/:fingerprint`;

const FROM = oneOf('user', 'operator');
// The README of the Node SDK has them as strings, its types as numbers.
const FINGERPRINTS = listOf({ type: ['integer', 'string'] });
const ACKNOWLEDGEMENT = object({ from: FROM, origin: filled, fingerprints: FINGERPRINTS }, 'from', 'origin');

export const messageRoutes: Route[] = [
  { method: 'GET', path: `${ONE}/messages`, tiers: 'UP', handle: batch },
  {
    method: 'POST',
    path: `${ONE}/message`,
    tiers: 'UP',
    body: MESSAGE,
    handle(call) {
      const { platform, website, body, caller } = call;
      return dispatched({ fingerprint: writeMessage(platform, website, place(call), body, caller) });
    },
  },
  {
    method: 'GET',
    path: MESSAGE_PATH,
    tiers: 'UP',
    handle: (call) => resolved(messageOf(place(call), call.params.fingerprint ?? '')),
  },
  {
    method: 'PATCH',
    path: MESSAGE_PATH,
    tiers: 'UP',
    body: object({ content: { type: ['string', 'object'] } }, 'content'),
    handle(call) {
      const conversation = place(call);
      const message = messageOf(conversation, call.params.fingerprint ?? '');
      if (typeof message.content !== typeof call.body.content)
        throw invalidData(`data.content should be ${typeof message.content}`);
      editMessage(call.platform, conversation, message, call.body.content ?? '');
      return updated();
    },
  },
  {
    method: 'DELETE',
    path: MESSAGE_PATH,
    tiers: 'UP',
    handle(call) {
      const conversation = place(call);
      removeMessage(call.platform, conversation, messageOf(conversation, call.params.fingerprint ?? ''));
      return deleted();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/compose`,
    tiers: 'UP',
    body: object(
      { type: oneOf('start', 'stop'), from: FROM, excerpt: text, stealth: flag, automated: flag },
      'type',
      'from',
    ),
    handle(call) {
      const user = call.platform.users.get(call.caller.owner);
      const composing = { ...call.body, ...(user && { user: userFields(user) }) };
      compose(call.platform, place(call), composing as unknown as Composing);
      return updated();
    },
  },
  acknowledgement('read'),
  acknowledgement('delivered'),
  {
    method: 'PATCH',
    path: `${ONE}/unread`,
    tiers: 'UP',
    body: object({ from: FROM }, 'from'),
    handle(call) {
      const conversation = place(call);
      conversation.unread.operator = Math.max(1, conversation.unread.operator);
      touch(call.platform, conversation);
      tell(call.platform, conversation, 'message:acknowledge:unread:send', {
        origin: 'chat',
        fingerprints: [],
      });
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/original/:original`,
    tiers: 'UP',
    handle(call) {
      const { originals } = place(call);
      const original = originals.find(({ original_id }) => original_id === call.params.original);
      if (original === undefined) throw notFound('original');
      return resolved(original);
    },
  },
];

function acknowledgement(mark: 'read' | 'delivered'): Route {
  return {
    method: 'PATCH',
    path: `${ONE}/${mark}`,
    tiers: 'UP',
    body: ACKNOWLEDGEMENT,
    handle(call) {
      const { from, origin, fingerprints } = call.body;
      const other: Author = from === 'user' ? 'operator' : 'user';
      acknowledge(call.platform, place(call), {
        mark,
        author: call.platform.switches.acknowledgeFrom === 'author' ? (from as Author) : other,
        origin: String(origin),
        ...(Array.isArray(fingerprints) && { fingerprints: fingerprints.map(Number) }),
      });
      return updated();
    },
  };
}

/** 206 says that there is more in the direction that was asked for (issue crisp-im/ruby-crisp-api#16). */
function batch(call: Call) {
  const { messageBatch: size, messageOrder } = call.platform.switches;
  const sorted = [...place(call).messages].sort((one, other) => one.timestamp - other.timestamp);
  const { found, more } = cut(sorted, size, call.query);
  return listed(messageOrder === 'ascending' ? found : found.reverse(), more);
}

function cut(
  messages: readonly CrispMessage[],
  size: number,
  query: JsonObject,
): { found: CrispMessage[]; more: boolean } {
  const given = ['before', 'after', 'around'].filter((name) => query[`timestamp_${name}`] !== undefined);
  if (given.length > 1) throw invalidData('query should have at most one of the timestamps');
  const at = Number(query[`timestamp_${given[0]}`]);
  if (given.length === 1 && !Number.isFinite(at))
    throw invalidData(`query.timestamp_${given[0]} should be integer`);
  if (given[0] === 'after') {
    const later = messages.filter(({ timestamp }) => timestamp > at);
    return { found: later.slice(0, size), more: later.length > size };
  }
  if (given[0] === 'around') {
    const first = Math.max(0, messages.findIndex(({ timestamp }) => timestamp >= at) - Math.floor(size / 2));
    const found = messages.slice(first, first + size);
    return { found, more: found.length < messages.length };
  }
  const earlier = given[0] === 'before' ? messages.filter(({ timestamp }) => timestamp < at) : messages;
  return { found: earlier.slice(-size), more: earlier.length > size };
}
