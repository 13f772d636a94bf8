import type { JsonObject } from '../../json.js';
import { CrispError } from '../errors.js';
import type { User } from '../records.js';
import { type Call, type Route, resolved, updated } from '../route.js';
import { object, text, textOrNull } from '../schemas.js';

/** Routes of the internal reference for the operator's own account (README of crisp-api 1.8). */
export const accountRoutes: Route[] = [
  {
    method: 'POST',
    path: '/user/session/logout',
    tiers: 'U',
    handle({ platform, caller }) {
      platform.keypairs.delete(caller.identifier);
      return updated();
    },
  },
  {
    method: 'GET',
    path: '/user/account/profile',
    tiers: 'U',
    handle: (call) => resolved(profile(self(call))),
  },
  {
    method: 'PATCH',
    path: '/user/account/profile',
    tiers: 'U',
    body: object({ first_name: text, last_name: text, email: text, avatar: textOrNull }),
    handle(call) {
      const { first_name, last_name, email, avatar } = call.body;
      for (const [name, value] of Object.entries({ first_name, last_name, email, avatar }))
        if (value !== undefined) Object.assign(self(call), { [name]: value });
      return updated();
    },
  },
  {
    method: 'GET',
    path: '/user/availability',
    tiers: 'U',
    handle: (call) => resolved({ type: availability(call) }),
  },
];

function self({ platform, caller }: Call): User {
  const user = platform.users.get(caller.owner);
  if (user === undefined) throw new CrispError(401, 'invalid_session');
  return user;
}

function profile({ user_id, email, first_name, last_name, avatar }: User): JsonObject {
  return { user_id, email, first_name, last_name, avatar };
}

function availability({ platform, caller }: Call): string {
  for (const { members } of platform.websites.values()) {
    const member = members.get(caller.owner);
    if (member !== undefined) return member.availability;
  }
  return 'offline';
}
