import type { FastifyError, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import * as answers from './answers.js';
import type { WebhookBot } from './bot.js';

export interface ParleyPluginOptions {
  bot: WebhookBot;
  /** The largest webhook body, in bytes; a larger one is answered 413. Default 1 MB. */
  bodyLimitBytes?: number;
}

const NO_BODY = new Uint8Array();
const OTHER_METHODS = ['PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The bot's addresses as a fastify plugin: `GET` and `POST /webhooks/:account`, `GET /healthz` (the process is alive),
 * `GET /readyz` (the bot takes events). Under a `prefix` of your choice: `app.register(parleyPlugin, { prefix, bot })`.
 *
 * Keeps every body as the raw bytes, whatever its content type: signatures are made over bytes. Only for its own routes:
 * the rest of your application keeps its parsers, hooks and error handler.
 */
export const parleyPlugin: FastifyPluginCallback<ParleyPluginOptions> = (app, options, done) => {
  const { bot } = options;
  const bodyLimit = options.bodyLimitBytes ?? answers.DEFAULT_BODY_LIMIT_BYTES;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, keep) => keep(null, body));
  app.setErrorHandler((error, _request, reply) => send(reply, answerTo(error as FastifyError, bodyLimit)));

  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { account } = request.params as { account: string };
    const { headers } = request;
    if (answers.isEncoded(headers['content-encoding'])) return send(reply, answers.ENCODED_BODY);
    const body = (request.body as Uint8Array | undefined) ?? NO_BODY;
    const answer = await bot.webhook(account, { method: request.method, url: request.url, headers, body });
    return send(reply, answer);
  };

  // A HEAD that ran the subscription handshake would verify an address without anybody reading the answer.
  app.get('/webhooks/:account', { exposeHeadRoute: false }, receive);
  app.post('/webhooks/:account', { bodyLimit }, receive);
  app.get('/healthz', (_request, reply) => send(reply, answers.ALIVE));
  app.get('/readyz', async (_request, reply) => send(reply, await answers.readiness(bot)));

  app.route({
    method: ['HEAD', ...OTHER_METHODS],
    url: '/webhooks/:account',
    handler: (_request, reply) => send(reply, answers.wrongMethod('GET, POST')),
  });
  for (const url of ['/healthz', '/readyz']) {
    app.route({
      method: ['POST', ...OTHER_METHODS],
      url,
      handler: (_request, reply) => send(reply, answers.wrongMethod('GET, HEAD')),
    });
  }
  done();
};

/** Gives an answer to fastify. */
export function send(reply: FastifyReply, answer: answers.Answer): FastifyReply {
  return reply.code(answer.status).headers(answers.NOSNIFF).headers(answer.headers).send(answer.body);
}

/** Fastify's own refusals in our form. What went wrong inside is not told to whoever asked. */
export function answerTo(error: FastifyError, bodyLimit: number): answers.Answer {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return answers.tooLarge(bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return answers.BAD_CONTENT_TYPE;
    default:
      return (error.statusCode ?? 500) < 500 ? answers.BAD_REQUEST : answers.BROKEN;
  }
}
