import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { allowEmptyJson } from '../premises.js';
import { bodyValidator } from './body-validator.js';
import { CrispError } from './errors.js';

/** Longer than any e-mail address, helpdesk path or URL that stands in a path. */
const LONGEST_SEGMENT = 2000;

/** A server whose every answer is JSON in the provider's envelope: its client chokes on anything else. */
export function createApp(bodyLimitBytes = 1024 * 1024): FastifyInstance {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: {
      maxParamLength: LONGEST_SEGMENT,
      onBadUrl: (_path, _request, response) => {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: true, reason: 'invalid_data', data: { namespace: 'params' } }));
      },
    },
  });
  app.setValidatorCompiler(({ schema }) => bodyValidator(schema as object));
  allowEmptyJson(app);
  app.setErrorHandler((error: FastifyError | CrispError, request, reply) => {
    const known = error instanceof CrispError;
    const status = known ? error.status : (error.statusCode ?? 500);
    reply.code(status).header('content-type', 'application/json; charset=utf-8');
    if (request.method === 'HEAD') return reply.send();
    const reason = known ? error.reason : status < 500 ? 'invalid_data' : 'internal_error';
    const data = known ? error.data : { namespace: 'request', message: error.message };
    return reply.send(JSON.stringify({ error: true, reason, data }));
  });
  app.setNotFoundHandler(() => {
    throw new CrispError(404, 'not_found', { message: 'This route does not exist' });
  });
  return app;
}
