import { randomInt } from 'node:crypto';
import { isObject, type JsonObject } from '../../json.js';
import { setBlocked, setInbox, setRouting, touch } from '../conversations.js';
import { notFound } from '../errors.js';
import { shelf, tell } from '../platform.js';
import type { ConversationState, CrispConversation } from '../records.js';
import { type Call, type Route, resolved, updated } from '../route.js';
import { actor, filled, flag, listOf, object, oneOf, text, textOrNull } from '../schemas.js';
import { changeState } from '../state.js';
import { place } from './conversations.js';

const ONE = '/website/:website/conversation/:session';
export const ASSIGNED = { anyOf: [{ type: 'null' }, object({ user_id: filled }, 'user_id')] };

/** State, routing, inbox, block, verification and participants of a conversation. */
export const stateRoutes: Route[] = [
  {
    method: 'GET',
    path: `${ONE}/state`,
    tiers: 'UP',
    handle: (call) => resolved({ state: place(call).state }),
  },
  {
    method: 'PATCH',
    path: `${ONE}/state`,
    tiers: 'UP',
    body: object({ state: oneOf('pending', 'unresolved', 'resolved'), ...actor }, 'state'),
    handle(call) {
      const { state, user, origin } = call.body;
      changeState(call.platform, call.website, place(call), state as ConversationState, {
        keypair: call.caller,
        ...(isObject(user) && { user }),
        ...(typeof origin === 'string' && { origin }),
      });
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/routing`,
    tiers: 'UP',
    handle: (call) => resolved({ assigned: place(call).assigned }),
  },
  {
    method: 'PATCH',
    path: `${ONE}/routing`,
    tiers: 'UP',
    body: object({ assigned: ASSIGNED, silent: flag }, 'assigned'),
    handle(call) {
      const assigned = call.body.assigned as { user_id: string } | null;
      if (assigned !== null && !call.website.members.has(assigned.user_id)) throw notFound('operator');
      setRouting(call.platform, place(call), assigned);
      return updated();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/inbox`,
    tiers: 'UP',
    body: object({ inbox_id: textOrNull }, 'inbox_id'),
    handle(call) {
      const inbox = call.body.inbox_id as string | null;
      if (inbox !== null && !shelf(call.website, 'inbox').has(inbox)) throw notFound('inbox');
      setInbox(call.platform, place(call), inbox);
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/block`,
    tiers: 'UP',
    handle: (call) => resolved({ blocked: place(call).is_blocked }),
  },
  {
    method: 'PATCH',
    path: `${ONE}/block`,
    tiers: 'UP',
    body: object({ blocked: flag, ...actor }, 'blocked'),
    handle(call) {
      setBlocked(call.platform, place(call), call.body.blocked === true);
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/verify`,
    tiers: 'UP',
    handle(call) {
      const { is_verified, verifications } = place(call);
      return resolved({ verified: is_verified, verifications });
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/verify`,
    tiers: 'UP',
    body: object({ verified: flag }, 'verified'),
    handle(call) {
      const conversation = place(call);
      conversation.is_verified = call.body.verified === true;
      touch(call.platform, conversation);
      tell(call.platform, conversation, 'session:update_verify', {
        is_verified: conversation.is_verified,
        verifications: conversation.verifications,
      });
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/participants`,
    tiers: 'UP',
    handle: (call) => resolved({ participants: place(call).participants }),
  },
  {
    method: 'PUT',
    path: `${ONE}/participants`,
    tiers: 'UP',
    body: object(
      { participants: listOf(object({ type: filled, target: filled }, 'type', 'target')), ...actor },
      'participants',
    ),
    handle(call) {
      const conversation = place(call);
      conversation.participants = call.body.participants as JsonObject[];
      touch(call.platform, conversation);
      tell(call.platform, conversation, 'session:set_participants', {
        participants: conversation.participants,
      });
      return updated();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/verify/identity`,
    tiers: 'UP',
    body: object({ identity: filled, method: text, recipient: text }, 'identity'),
    handle(call) {
      requestIdentity(call, place(call));
      return updated();
    },
  },
  {
    method: 'PUT',
    path: `${ONE}/verify/identity/link`,
    tiers: '?',
    body: object({ identity: filled, token: filled, recipient: text }, 'identity', 'token'),
    handle(call) {
      const conversation = place(call);
      conversation.is_verified = true;
      conversation.verifications.push({ identity: call.body.identity, method: 'link', annotation: '' });
      touch(call.platform, conversation);
      tell(call.platform, conversation, 'session:update_verify', {
        is_verified: true,
        verifications: conversation.verifications,
      });
      return updated();
    },
  },
];

/** Identities of a channel are verified by its plugin: it brings the code to the visitor. */
function requestIdentity({ platform, website, body }: Call, { session_id }: CrispConversation): void {
  const { identity, recipient } = body;
  const plugin = [...platform.plugins.values()].find(({ urn }) => urn === identity);
  if (plugin?.installations.has(website.website_id) !== true) return;
  const { website_id } = website;
  const { plugin_id } = plugin;
  platform.announce({
    event: 'identity:verify:request',
    websiteId: website_id,
    pluginId: plugin_id,
    data: {
      website_id,
      plugin_id,
      session_id,
      target: recipient ?? '',
      code: String(randomInt(100_000, 1_000_000)),
      confirm_url: `${platform.origin}/_emulator/`,
    },
  });
}
