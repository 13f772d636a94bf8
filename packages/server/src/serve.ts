import { ParleyError, stderrLog } from '@parley/core';
import type { FastifyError, FastifyInstance } from 'fastify';
import * as answers from './answers.js';
import type { ServedBot } from './bot.js';
import { codeOf } from './error-code.js';
import { type OperationsServer, serveOperations } from './operations-socket.js';
import { answerTo, parleyPlugin, send } from './plugin.js';

export interface ServeOptions {
  /** Default 3000; 0 takes a free one. */
  port?: number;
  /** The address to listen on. Default `127.0.0.1`: this machine only. `0.0.0.0` in a container. */
  host?: string;
  /** What comes before `/webhooks/:account`, `/healthz` and `/readyz` in the address. Default none. */
  prefix?: string;
  /** The largest webhook body, in bytes; a larger one is answered 413. Default 1 MB. */
  bodyLimitBytes?: number;
  /** A request must have arrived whole within this time, or it is answered 408: slow senders hold nothing. Default 10 s. */
  requestTimeoutMs?: number;
  /** A socket on which nothing moves is closed. Default 30 s: longer than any provider waits for an answer. */
  idleTimeoutMs?: number;
  /** How long `close` waits for open requests, and then for running turns. Default 10 s. */
  drainTimeoutMs?: number;
  /**
   * True: SIGTERM and SIGINT stop the server, drain the bot and end the process, with exit code 1 if something was left;
   * a second signal ends it at once. Default false: your process, your signals.
   */
  signals?: boolean;
  /**
   * Where the engine is a file: answers the operations commands of `parley`, through a socket beside the file that only its
   * owner may use. Default true.
   */
  operations?: boolean;
}

export interface BotServer {
  /** For example `http://127.0.0.1:3000`; webhooks go to `<origin>/webhooks/<account>`. */
  readonly origin: string;
  /**
   * Stops listening, lets open requests end, drains the bot and closes it. `left`: turns and sends that did not end in
   * time. A second call returns the first one's result.
   */
  close(): Promise<{ drained: boolean; left: number }>;
}

/** 16 KB, node's own default, stated so that it does not move. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Serves a bot on a port of its own: starts the bot if it is not running, then listens.
 *
 * @throws ERR_CONFIG if it cannot listen there: the port is taken, or the address is not this machine's
 */
export async function serve(bot: ServedBot, options: ServeOptions = {}): Promise<BotServer> {
  const { port = 3000, host = '127.0.0.1', drainTimeoutMs = 10_000 } = options;
  const app = await createApp(bot, options);
  const startedHere = bot.state === 'created';
  if (startedHere) await bot.start();
  try {
    await app.listen({ port, host });
  } catch (cause) {
    await app.close();
    if (startedHere) await bot.close();
    throw cannotListen(host, port, cause);
  }

  const operations = options.operations === false ? undefined : await operationsOrWarning(bot);
  let closing: Promise<{ drained: boolean; left: number }> | undefined;
  const close = (): Promise<{ drained: boolean; left: number }> => {
    closing ??= shutDown(app, bot, operations, drainTimeoutMs);
    return closing;
  };
  if (options.signals === true) endOnSignals(close);
  return { origin: originOf(app), close };
}

async function createApp(bot: ServedBot, options: ServeOptions): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const { requestTimeoutMs = 10_000, idleTimeoutMs = 30_000 } = options;
  const bodyLimit = options.bodyLimitBytes ?? answers.DEFAULT_BODY_LIMIT_BYTES;
  const app = fastify({
    logger: false,
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    keepAliveTimeout: idleTimeoutMs,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => {
      void send(reply, answerTo(error, bodyLimit));
    },
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      // Node looks for late requests only this often.
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
    },
  });
  app.setNotFoundHandler((_request, reply) => send(reply, answers.NO_SUCH_PAGE));
  app.setErrorHandler((error, _request, reply) => send(reply, answerTo(error as FastifyError, bodyLimit)));
  app.register(parleyPlugin, { bot, bodyLimitBytes: bodyLimit, prefix: options.prefix ?? '' });
  return app;
}

/** A bot that cannot be operated from outside is better than no bot. */
async function operationsOrWarning(bot: ServedBot): Promise<OperationsServer | undefined> {
  try {
    return await serveOperations(bot.engine);
  } catch (error) {
    const { message } = error as Error;
    stderrLog.warn({}, `The commands of parley cannot reach this bot while it runs. ${message}`);
    return undefined;
  }
}

/** First the door, then the house: an event that is being accepted still gets its answer. */
async function shutDown(
  app: FastifyInstance,
  bot: ServedBot,
  operations: OperationsServer | undefined,
  timeoutMs: number,
) {
  const late = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  await app.close();
  clearTimeout(late);
  const result = await bot.drain({ timeoutMs });
  // While this process has the engine's file, and not after.
  await operations?.close();
  // It has had its time: what is left is given up.
  await bot.close({ timeoutMs: 0 });
  return result;
}

function endOnSignals(close: () => Promise<{ drained: boolean }>): void {
  const end = (): void => {
    // Without our handlers, a second signal does what signals do.
    process.off('SIGTERM', end);
    process.off('SIGINT', end);
    close().then(
      ({ drained }) => process.exit(drained ? 0 : 1),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function originOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new ParleyError('ERR_CONFIG', 'The server listens on no port.');
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  const host =
    everywhere[address.address] ?? (address.family === 'IPv6' ? `[${address.address}]` : address.address);
  return `http://${host}:${address.port}`;
}

function cannotListen(host: string, port: number, cause: unknown): ParleyError {
  const code = codeOf(cause) ?? 'unknown';
  const remedy = code === 'EADDRINUSE' ? 'something else listens there; choose another port' : code;
  return new ParleyError('ERR_CONFIG', `Cannot listen on ${host}:${port}: ${remedy}.`, { cause });
}
