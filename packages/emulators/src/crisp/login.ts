import type { FastifyInstance } from 'fastify';
import { send } from './api.js';
import { CrispError } from './errors.js';
import { issueKeypair, type Platform } from './platform.js';
import { filled, object } from './schemas.js';

/** The routes of the internal reference that need no keypair (README of crisp-api 1.8). */
export function addLoginRoutes(app: FastifyInstance, platform: Platform): void {
  app.post<{ Body: { email: string; password: string } }>(
    '/v1/user/session/login',
    { schema: { body: object({ email: filled, password: filled }, 'email', 'password') } },
    (request, reply) => {
      const { email, password } = request.body;
      const user = [...platform.users.values()].find((one) => one.email === email);
      if (user === undefined || user.password !== password) throw new CrispError(401, 'invalid_session');
      const { identifier, key } = issueKeypair(platform, 'user', user.user_id);
      return send(reply, 'POST', {
        status: platform.switches.loginStatus,
        reason: 'logged_in',
        data: { identifier, key, user_id: user.user_id },
      });
    },
  );
  // Links in e-mails lead here. No such e-mail is ever sent, so there is nothing to find.
  app.route({
    method: ['GET', 'PATCH'],
    url: '/v1/email/:hash/subscription/:key',
    handler: () => {
      throw new CrispError(404, 'email_not_found');
    },
  });
  app.post(
    '/v1/user/session/recover',
    { schema: { body: object({ email: filled }, 'email') } },
    // The same answer whether the account exists or not.
    (_request, reply) => send(reply, 'POST', { status: 200, reason: 'recovered', data: {} }),
  );
}
