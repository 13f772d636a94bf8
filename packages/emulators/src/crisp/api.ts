import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '../json.js';
import { authenticate, mayCall, reachWebsite } from './auth.js';
import { CrispError } from './errors.js';
import type { Platform } from './platform.js';
import type { Quota } from './quota.js';
import { createReadCache } from './read-cache.js';
import type { Keypair } from './records.js';
import type { Answer, Call, Route } from './route.js';

/** The `/v1` routes: who calls, whether the route is for that tier, whether the website is reached, then the route itself. */
export function addApiRoutes(
  app: FastifyInstance,
  platform: Platform,
  routes: readonly Route[],
  quota: Quota,
): void {
  const callers = new WeakMap<FastifyRequest, Keypair>();
  const cache = createReadCache(platform.clock, platform.switches);
  for (const route of routes) {
    const aboutWebsite = route.path.includes(':website');
    app.route({
      method: route.method,
      url: `/v1${route.path}`,
      ...(route.body !== undefined && { schema: { body: route.body } }),
      // Before the body is read, as a gateway in front of the API would do it.
      onRequest: async (request) => {
        const { authorization, 'x-crisp-tier': tier } = request.headers;
        const caller = authenticate(platform, authorization, tier);
        if (!quota.admit(caller)) throw new CrispError(platform.switches.limitStatus, 'quota_limit_exceeded');
        if (!mayCall(caller.tier, route.tiers, aboutWebsite))
          throw new CrispError(platform.switches.restrictedTierStatus, 'restricted_route_tier');
        callers.set(request, caller);
      },
      handler: (request, reply) => {
        const caller = callers.get(request) as Keypair;
        const answer = () => route.handle(toCall(platform, caller, request));
        if (request.method !== 'GET' && request.method !== 'HEAD')
          return send(reply, request.method, answer());
        const read = cache.read(`${caller.identifier} ${request.method} ${request.url}`, answer);
        return send(reply.header('bloom-status', read.status), request.method, read.answer);
      },
    });
  }
}

function toCall(platform: Platform, caller: Keypair, request: FastifyRequest): Call {
  const params = request.params as Record<string, string>;
  const { website } = params;
  return {
    platform,
    caller,
    // Routes without a website in the path do not read it.
    website: website === undefined ? (undefined as never) : reachWebsite(platform, caller, website),
    params,
    query: request.query as Record<string, string>,
    body: (request.body ?? {}) as JsonObject,
  };
}

export function send(reply: FastifyReply, method: string, { status, reason, data }: Answer): FastifyReply {
  reply.code(status).header('content-type', 'application/json; charset=utf-8');
  return method === 'HEAD' ? reply.send() : reply.send(JSON.stringify({ error: false, reason, data }));
}
