import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';

export interface InProcessOptions {
  /** The emulator's own address, which its answers mention. */
  origin(): string;
  /** Aborted when the emulator closes. */
  closing: AbortSignal;
}

/** They describe a connection, and there is none. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];
const WITHOUT_BODY = [204, 205, 304];

/** Answers requests without a socket, through everything that a request over HTTP passes. */
export function answerInProcess(
  app: FastifyInstance,
  { origin, closing }: InProcessOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const signal = AbortSignal.any([request.signal, closing]);
    const injected = await toInjected(request);
    signal.throwIfAborted();
    const answer = await unlessAborted(app.inject(injected), signal);
    return toResponse(answer, origin(), new URL(request.url).origin);
  };
}

async function toInjected(request: Request): Promise<InjectOptions> {
  const { host, pathname, search } = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  for (const name of HOP_BY_HOP) delete headers[name];
  const bytes = Buffer.from(await request.arrayBuffer());
  return {
    method: request.method,
    url: pathname + search,
    authority: host,
    headers,
    ...(bytes.length > 0 && { payload: bytes }),
  };
}

/** Links lead back to the host that was asked: clients follow no other. */
function toResponse(answer: LightMyRequestResponse, own: string, asked: string): Response {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headers)) {
    if (HOP_BY_HOP.includes(name)) continue;
    for (const value of [values].flat()) {
      headers.append(
        name,
        name === 'link' ? String(value).replaceAll(`<${own}/`, `<${asked}/`) : String(value),
      );
    }
  }
  return new Response(WITHOUT_BODY.includes(answer.statusCode) ? null : answer.rawPayload, {
    status: answer.statusCode,
    statusText: answer.statusMessage,
    headers,
  });
}

function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
