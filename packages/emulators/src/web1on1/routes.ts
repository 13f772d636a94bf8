import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Auth } from './auth.js';
import { type Platform, scopeOf } from './platform.js';
import { ApiError, type Web1on1Record } from './records.js';
import type { Reply, Resources } from './resources.js';

interface ResourcePath {
  resource: string;
  id: string;
}

/** The `/v2` routes. Authentication comes before the body is read, as a gateway in front of the API would do it. */
export function addApiRoutes(
  app: FastifyInstance,
  platform: Platform,
  auth: Auth,
  resources: Resources,
): void {
  const { switches } = platform;

  app.post('/v2/auth/token', (request, reply) =>
    reply.code(switches.tokenCreateStatus).send(auth.create(request.body)),
  );
  app.get<{ Querystring: { refreshToken?: string } }>('/v2/auth/token', (request) => {
    const { refreshToken } = request.query;
    if (refreshToken === undefined) throw new ApiError(400, 'refreshToken is required');
    return auth.refresh(refreshToken);
  });

  app.register(async (api) => {
    const callers = new WeakMap<FastifyRequest, Web1on1Record>();
    const caller = (request: FastifyRequest) => callers.get(request) as Web1on1Record;
    api.addHook('onRequest', async (request) => {
      callers.set(request, auth.authenticate(request.headers.authorization));
    });

    api.get<{ Params: ResourcePath }>('/v2/:resource', (request, reply) =>
      send(reply, resources.list(caller(request), request.params.resource, searchOf(request))),
    );
    api.get<{ Params: ResourcePath }>('/v2/:resource/:id', (request, reply) =>
      send(
        reply,
        resources.get(caller(request), request.params.resource, request.params.id, searchOf(request)),
      ),
    );
    api.post<{ Params: ResourcePath }>('/v2/:resource', async (request, reply) =>
      send(reply, await resources.create(caller(request), request.params.resource, request.body)),
    );
    api.post<{ Params: ResourcePath }>('/v2/conversations/:id/messages', (request, reply) =>
      send(reply, resources.post(caller(request), request.params.id, request.body)),
    );
    api.patch<{ Params: ResourcePath }>('/v2/:resource/:id', async (request, reply) =>
      send(
        reply,
        await resources.update(caller(request), request.params.resource, request.params.id, request.body),
      ),
    );
    api.delete<{ Params: ResourcePath }>('/v2/:resource/:id', (request, reply) =>
      send(reply, resources.delete(caller(request), request.params.resource, request.params.id)),
    );
    api.put('/v2/:resource/:id', () => {
      throw new ApiError(405, 'PUT is not supported');
    });
    api.put<{ Params: ResourcePath }>('/v2/eventtypes/:id/jsonata', async (request, reply) => {
      if (scopeOf(caller(request)) !== 'admin') throw new ApiError(403, 'Permission Denied');
      const jsonata = { jsonata: String(request.body) };
      return send(reply, await resources.update(caller(request), 'eventtypes', request.params.id, jsonata));
    });
  });
}

function send(reply: FastifyReply, { status, headers = {}, body }: Reply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

function searchOf(request: FastifyRequest): string {
  const start = request.url.indexOf('?');
  return start === -1 ? '' : request.url.slice(start);
}
