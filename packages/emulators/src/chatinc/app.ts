import multipart from '@fastify/multipart';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { allowEmptyJson } from '../premises.js';
import { errorBody, notFound } from './errors.js';
import type { ChatIncSwitches } from './switches.js';

/** A million contacts as JSON. Files are not limited: they are read as they come. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

export function createApp(switches: ChatIncSwitches, bodyLimitBytes = BODY_LIMIT_BYTES): FastifyInstance {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // `retrieve/campaign` was once printed with a slash before its query.
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.register(multipart, { throwFileSizeLimit: false, limits: { fileSize: Number.POSITIVE_INFINITY } });
  allowEmptyJson(app);
  app.setErrorHandler((error: FastifyError & { status?: number }, _request, reply) => {
    const status = error.status ?? error.statusCode ?? 500;
    const body = errorBody(switches.errorForm, error.message);
    return reply
      .code(status)
      .type(typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8')
      .send(typeof body === 'string' ? body : JSON.stringify(body));
  });
  app.setNotFoundHandler(() => {
    throw notFound('route');
  });
  return app;
}
