import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.js';
import { CrispError, notFound } from '../errors.js';
import { isAttended, type Platform } from '../platform.js';
import type { Member, User, Website } from '../records.js';
import { added, type Call, deleted, dispatched, listed, type Route, resolved, updated } from '../route.js';
import { filled, object, text } from '../schemas.js';
import { createUser } from '../seed.js';
import { checkPassword, VERIFY } from './website.js';

const MANY = '/website/:website/operators';
const ONE = '/website/:website/operator';

export const operatorRoutes: Route[] = [
  {
    method: 'GET',
    path: `${MANY}/list`,
    tiers: 'UP',
    handle: ({ platform, website }) =>
      listed(
        [...website.members.values()].map((member) => ({
          type: member.type,
          details: shown(platform, member),
        })),
      ),
  },
  {
    method: 'GET',
    path: `${MANY}/active`,
    tiers: 'UP',
    handle: ({ platform, website }) =>
      listed(
        [...website.members.values()].flatMap(({ user_id, active }) => {
          const user = platform.users.get(user_id);
          if (active === undefined || user === undefined) return [];
          const nickname = `${user.first_name} ${user.last_name}`.trim();
          return [{ user_id, avatar: user.avatar, nickname, timestamp: active }];
        }),
      ),
  },
  {
    method: 'DELETE',
    path: `${MANY}/active`,
    tiers: 'U',
    handle({ website }) {
      for (const member of website.members.values()) member.active = undefined;
      return deleted();
    },
  },
  {
    method: 'POST',
    path: `${MANY}/email`,
    tiers: 'UP',
    body: object(
      {
        recipient: filled,
        user_id: text,
        subject: filled,
        message: filled,
        target: object({ label: text, url: text }),
      },
      'recipient',
      'subject',
      'message',
    ),
    handle: () => dispatched(),
  },
  {
    method: 'GET',
    path: `${ONE}/:user`,
    tiers: 'UP',
    handle: (call) => resolved(shown(call.platform, memberOf(call))),
  },
  {
    method: 'POST',
    path: ONE,
    tiers: 'U',
    body: { ...object({ email: filled, role: filled, ...VERIFY.properties }, 'email', 'role', 'verify') },
    handle(call) {
      checkPassword(call);
      const { email, role } = call.body;
      const user =
        [...call.platform.users.values()].find((one) => one.email === email) ??
        createUser(call.platform, {
          email: String(email),
          name: String(email).split('@')[0] ?? randomUUID(),
        });
      if (call.website.members.has(user.user_id)) throw new CrispError(409, 'operator_exists');
      const { user_id } = user;
      const standing = { type: 'invite', title: '', availability: 'offline' } as const;
      call.website.members.set(user_id, { user_id, role: String(role), ...standing });
      return added();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/:user`,
    tiers: 'U',
    body: object({ role: filled, title: text }),
    handle(call) {
      const { role, title } = call.body;
      const given = { ...(role !== undefined && { role }), ...(title !== undefined && { title }) };
      Object.assign(memberOf(call), given);
      return updated();
    },
  },
  {
    method: 'DELETE',
    path: `${ONE}/:user`,
    tiers: 'U',
    handle(call) {
      call.website.members.delete(memberOf(call).user_id);
      return deleted();
    },
  },
  {
    method: 'GET',
    path: '/website/:website/availability/status',
    tiers: 'UP',
    handle: ({ platform, website }) =>
      resolved({ status: isAttended(website) ? 'online' : 'away', since: platform.clock.now() }),
  },
  {
    method: 'GET',
    path: '/website/:website/availability/operators',
    tiers: 'UP',
    handle: ({ platform, website }) =>
      listed(
        operatorsOf(website).map(({ user_id, availability }) => ({
          user_id,
          type: availability,
          time: { for: 0, since: platform.clock.now() },
        })),
      ),
  },
];

const operatorsOf = (website: Website) =>
  [...website.members.values()].filter(({ type }) => type === 'operator');

function memberOf({ website, params }: Call): Member {
  const member = website.members.get(params.user ?? '');
  if (member === undefined) throw notFound('operator');
  return member;
}

function shown(platform: Platform, { user_id, role, title, availability }: Member): JsonObject {
  const { email, avatar, first_name, last_name } = platform.users.get(user_id) as User;
  return {
    user_id,
    email,
    avatar,
    first_name,
    last_name,
    role,
    title,
    availability,
    has_token: false,
  };
}
