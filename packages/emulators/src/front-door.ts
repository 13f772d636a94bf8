import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from './clock.js';
import type { Fault } from './faults.js';
import { journalBody, journalHeaders, withoutSecrets } from './journal.js';
import type { Machinery } from './machinery.js';

/** What every request to an emulator passes before it reaches the provider's own rules. */
export interface FrontDoor {
  machinery: Machinery;
  /** Whether the rate limit counts this request. Default: every one. */
  isLimited?(request: FastifyRequest): boolean;
  /** What a request over the limit is answered. Default 429. */
  limitStatus?: () => number;
  /** And with which body. Default: the provider's error body. */
  limitBody?: () => unknown;
  /** The identity a rate limit counts beside the address. */
  apiKey(request: FastifyRequest): string | undefined;
  /** The provider's error body. */
  errorBody(message: string): unknown;
  /** Called before an answer leaves. */
  save(): void;
}

const CONTROL = '/_emulator';
const SLOW_MS = 1000;
const ERROR_PAGE = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n';

/** Journal, faults and rate limit. Control routes are exempt from all three. */
export function openFrontDoor(app: FastifyInstance, door: FrontDoor): void {
  const { clock, journal, faults } = door.machinery;
  const injected = new WeakMap<FastifyRequest, Fault>();

  const record = (request: FastifyRequest, status: number) => {
    const fault = injected.get(request)?.kind;
    journal.record({
      at: clock.iso(),
      method: request.method,
      path: pathOf(request),
      query: withoutSecrets({ ...(request.query as Record<string, string>) }) as Record<string, string>,
      headers: journalHeaders(request.headers),
      ...(request.body !== undefined && {
        body: journalBody(request.body, Number(request.headers['content-length'] ?? 0)),
      }),
      status,
      ip: request.ip,
      ...(fault !== undefined && { fault }),
    });
  };

  app.addHook('onRequest', async (request, reply) => {
    if (isControl(request)) return;
    const fault = faults.take(request.method, pathOf(request));
    if (fault !== undefined) injected.set(request, fault);
    if (fault?.kind === 'slow') await pause(clock, fault);
    if (fault?.kind === 'drop-before') {
      record(request, 0);
      door.save();
      drop(reply);
      return;
    }
    if (fault?.kind === 'error-in-ok') return reply.send(fault.body ?? door.errorBody('Emulated error'));
    if (fault?.kind === 'error-page')
      return reply
        .code(fault.status ?? 502)
        .type('text/html')
        .headers(fault.headers ?? {})
        .send(ERROR_PAGE);
    if (fault?.kind === 'status') return answerFault(reply, fault, door);

    if (door.isLimited?.(request) === false) return;
    const { rateLimit } = door.machinery;
    const key = door.apiKey(request);
    if (!rateLimit.admit([`ip ${request.ip}`, ...(key === undefined ? [] : [`key ${key}`])])) {
      if (rateLimit.retryAfter) reply.header('retry-after', '1');
      return reply
        .code(door.limitStatus?.() ?? 429)
        .send(door.limitBody === undefined ? door.errorBody('Too many requests') : door.limitBody());
    }
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (isControl(request)) {
      door.save();
      return payload;
    }
    const fault = injected.get(request);
    if (fault?.kind === 'slow-after') await pause(clock, fault);
    if (fault?.kind === 'drop-after') {
      record(request, 0);
      door.save();
      drop(reply);
      return new Promise<never>(() => undefined);
    }
    let sent = payload;
    if (fault?.kind === 'status-after') {
      reply.code(fault.status ?? 503).headers({ 'content-type': 'application/json', ...fault.headers });
      sent = JSON.stringify(fault.body ?? door.errorBody('Emulated error'));
    }
    if (fault?.kind === 'malformed') {
      reply.header('content-type', 'application/json');
      sent = '{"malformed": ';
    }
    if (sent !== payload) reply.removeHeader('content-length');
    record(request, reply.statusCode);
    door.save();
    return sent;
  });
}

function answerFault(reply: FastifyReply, fault: Fault, door: FrontDoor): FastifyReply {
  return reply
    .code(fault.status ?? 503)
    .headers(fault.headers ?? {})
    .send(fault.body ?? door.errorBody('Emulated error'));
}

/** Closes the connection. The response is destroyed, not the socket: a request in process has none. */
function drop(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

function pause(clock: Clock, fault: Fault): Promise<void> {
  return new Promise((resolve) => void clock.after(fault.delayMs ?? SLOW_MS, resolve));
}

function isControl(request: FastifyRequest): boolean {
  return pathOf(request).startsWith(CONTROL);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}
