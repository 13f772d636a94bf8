import * as answers from './answers.js';
import type { WebhookBot } from './bot.js';

export interface HandleOptions {
  /** What comes before `/webhooks/:account`, `/healthz` and `/readyz` in the address, for example `/bot`. Default none. */
  prefix?: string;
  /** The largest webhook body, in bytes; a larger one is answered 413 and not read further. Default 1 MB. */
  bodyLimitBytes?: number;
}

/**
 * The bot's addresses as one function from `Request` to `Response`, for every framework that speaks fetch (Hono, Next.js,
 * Deno, Bun, workers), and for express and `node:http` through a bridge: see the README.
 *
 * Never rejects. The framework must not have read the body: the signature is checked over its raw bytes.
 */
export function handle(
  bot: WebhookBot,
  options: HandleOptions = {},
): (request: Request) => Promise<Response> {
  const prefix = (options.prefix ?? '').replace(/\/+$/, '');
  const bodyLimit = options.bodyLimitBytes ?? answers.DEFAULT_BODY_LIMIT_BYTES;

  return async (request) => {
    const url = new URL(request.url);
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : '';
    let answer: answers.Answer;
    try {
      answer = await route(bot, request, path, url, bodyLimit);
    } catch {
      answer = answers.BROKEN;
    }
    // Null for an empty body: `Response` refuses even an empty string with a status that may have none, such as 204.
    return new Response(request.method === 'HEAD' || answer.body === '' ? null : answer.body, {
      status: answer.status,
      headers: { ...answers.NOSNIFF, ...answer.headers },
    });
  };
}

async function route(
  bot: WebhookBot,
  request: Request,
  path: string,
  url: URL,
  bodyLimit: number,
): Promise<answers.Answer> {
  if (path === '/healthz' || path === '/readyz') {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answers.wrongMethod('GET, HEAD');
    return path === '/healthz' ? answers.ALIVE : answers.readiness(bot);
  }
  const account = accountIn(path);
  if (account === undefined) return answers.NO_SUCH_PAGE;
  if (request.method !== 'GET' && request.method !== 'POST') return answers.wrongMethod('GET, POST');
  if (answers.isEncoded(request.headers.get('content-encoding') ?? undefined)) return answers.ENCODED_BODY;

  const body = await read(request, bodyLimit);
  if (body === 'too large') return answers.tooLarge(bodyLimit);
  if (body === 'cut off') return answers.BAD_REQUEST;
  return bot.webhook(account, {
    method: request.method,
    url: url.pathname + url.search,
    headers: Object.fromEntries(request.headers),
    body,
  });
}

const WEBHOOK_PATH = /^\/webhooks\/([^/]+)$/;

function accountIn(path: string): string | undefined {
  const segment = WEBHOOK_PATH.exec(path)?.[1];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The raw bytes, and never more of them than the limit, whatever the content-length header claims. */
async function read(request: Request, limit: number): Promise<Uint8Array | 'too large' | 'cut off'> {
  if (request.body === null) return new Uint8Array();
  if (Number(request.headers.get('content-length')) > limit) {
    await request.body.cancel().catch(() => {});
    return 'too large';
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength;
      if (length > limit) {
        await reader.cancel();
        return 'too large';
      }
      chunks.push(next.value);
    }
  } catch {
    return 'cut off';
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length);
}
