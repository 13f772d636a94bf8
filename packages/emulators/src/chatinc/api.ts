import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../json.js';
import { ChatIncError, invalid, notFound } from './errors.js';
import type { Platform } from './platform.js';
import type { Account } from './records.js';
import type { Answer, Call, MethodSwitch, Route } from './route.js';
import { AUDIENCE_ROUTES } from './routes/audiences.js';
import { BOT_ROUTES } from './routes/bot.js';
import { CAMPAIGN_ROUTES } from './routes/campaigns.js';
import { FILE_ROUTES } from './routes/files.js';
import { VARIABLE_ROUTES } from './routes/variables.js';

const ROUTES = [CAMPAIGN_ROUTES, VARIABLE_ROUTES, AUDIENCE_ROUTES, BOT_ROUTES, FILE_ROUTES].flat();

/** The key is the whole header: no scheme stands before it. */
function callerOf({ accounts }: Platform, { headers }: FastifyRequest): Account {
  const account = accounts.get(headers.authorization ?? '');
  if (account === undefined) throw new ChatIncError(401, 'Unauthorized');
  return account;
}

export function addApiRoutes(app: FastifyInstance, platform: Platform): void {
  const callers = new WeakMap<FastifyRequest, Account>();
  for (const route of ROUTES) {
    for (const prefix of route.base === 'either' ? ['/v1', ''] : ['/v1']) {
      app.route({
        method: ['GET', 'POST'],
        url: `${prefix}${route.path}`,
        // Before the body is read, as a gateway in front of the API would do it.
        onRequest: async (request) => {
          callers.set(request, callerOf(platform, request));
          const method = methodOf(platform, route);
          if (method !== 'both' && method !== request.method)
            throw new ChatIncError(platform.switches.wrongMethodStatus, `${request.method} is not allowed`);
        },
        handler: async (request, reply) =>
          send(reply, await route.handle(toCall(platform, callers.get(request) as Account, request))),
      });
    }
  }
  addImages(app, platform);
}

function methodOf({ switches }: Platform, { method }: Route): 'GET' | 'POST' | 'both' {
  return method === 'GET' || method === 'POST' ? method : switches[method satisfies MethodSwitch];
}

function toCall(platform: Platform, account: Account, request: FastifyRequest): Call {
  const body = request.body ?? {};
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  return { platform, account, params: { ...body, ...(request.query as Record<string, string>) }, request };
}

function send(reply: FastifyReply, { status = 200, body, type }: Answer): FastifyReply {
  reply.code(status);
  if (body === undefined) return reply.send();
  if (type !== undefined) return reply.type(type).send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** WhatsApp fetches images without a key. */
function addImages(app: FastifyInstance, { accounts }: Platform): void {
  app.get<{ Params: { id: string } }>('/images/:id/*', ({ params }, reply) => {
    for (const { images } of accounts.values()) {
      const image = images.get(params.id);
      if (image !== undefined) return reply.type(image.type).send(Buffer.from(image.base64, 'base64'));
    }
    throw notFound('image');
  });
}
