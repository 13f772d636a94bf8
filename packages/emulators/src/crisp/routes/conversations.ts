import { selectConversations } from '../conversation-list.js';
import { createConversation, removeConversation, shownConversation } from '../conversations.js';
import { updateMeta } from '../meta.js';
import { conversationOf, tell } from '../platform.js';
import type { CrispConversation } from '../records.js';
import { added, type Call, deleted, listed, type Route, resolved, updated } from '../route.js';
import { filled, flag, object, scalars, text, texts, whole } from '../schemas.js';

/** The conversation of a path. */
export const place = ({ website, params }: Call): CrispConversation =>
  conversationOf(website, params.session ?? '');

const ONE = '/website/:website/conversation/:session';

const META = object({
  nickname: text,
  email: text,
  phone: text,
  address: text,
  subject: text,
  ip: text,
  avatar: text,
  origin: text,
  segments: texts,
  data: scalars,
  device: object({
    capabilities: texts,
    geolocation: object(),
    system: object(),
    timezone: whole,
    locales: texts,
  }),
});

export const conversationRoutes: Route[] = [
  {
    method: 'GET',
    path: '/website/:website/conversations/:page',
    tiers: 'UP',
    handle: ({ platform, website, params, query }) =>
      listed(selectConversations(platform, website, Number(params.page), query).map(shownConversation)),
  },
  {
    method: 'POST',
    path: '/website/:website/conversation',
    tiers: 'UP',
    handle: ({ platform, website }) =>
      added({ session_id: createConversation(platform, website).session_id }),
  },
  {
    method: 'HEAD',
    path: ONE,
    tiers: 'UP',
    handle(call) {
      place(call);
      return resolved({});
    },
  },
  { method: 'GET', path: ONE, tiers: 'UP', handle: (call) => resolved(shownConversation(place(call))) },
  {
    method: 'DELETE',
    path: ONE,
    tiers: 'UP',
    handle(call) {
      removeConversation(call.platform, call.website, place(call));
      return deleted();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/initiate`,
    tiers: 'UP',
    handle(call) {
      tell(call.platform, place(call), 'session:request:initiated');
      return updated();
    },
  },
  { method: 'GET', path: `${ONE}/meta`, tiers: 'UP', handle: (call) => resolved(place(call).meta) },
  {
    method: 'PATCH',
    path: `${ONE}/meta`,
    tiers: 'UP',
    body: META,
    handle(call) {
      updateMeta(call.platform, call.website, place(call), call.body);
      return updated();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/open`,
    tiers: 'UP',
    // The Go SDK says `blocked` for `opened` (go-crisp-api, crisp/website_conversation.go).
    body: {
      ...object({ opened: flag, blocked: flag }),
      anyOf: [{ required: ['opened'] }, { required: ['blocked'] }],
    },
    handle(call) {
      const user = call.platform.users.get(call.caller.owner);
      const operator = user && {
        user_id: user.user_id,
        nickname: `${user.first_name} ${user.last_name}`.trim(),
      };
      const opened = call.body.opened ?? call.body.blocked;
      tell(call.platform, place(call), opened ? 'session:set_opened' : 'session:set_closed', {
        operator: operator ?? { user_id: call.caller.owner },
      });
      return updated();
    },
  },
  {
    method: 'POST',
    path: `${ONE}/report`,
    tiers: 'UP',
    body: object({ flag: filled }, 'flag'),
    handle(call) {
      place(call).reports.push({ flag: call.body.flag, timestamp: call.platform.clock.now() });
      return updated();
    },
  },
];
