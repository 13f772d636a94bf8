import type { WebhookRequest } from '@parley/core';
import { listenOnLoopback } from '../loopback.js';
import type { HarnessWebhooks } from './harness.js';

/** A listener that answers like a receiver which has accepted, and keeps what came. */
export interface WebhookCapture {
  /** Where the provider is told to deliver, for example `http://127.0.0.1:4711/webhooks/leads`. */
  readonly url: string;
  /** The next delivery that was not returned before; waits for it. Rejects once closed. */
  next(): Promise<WebhookRequest>;
  /** Deliveries that nobody has asked for yet. */
  readonly waiting: number;
  close(): Promise<void>;
}

/**
 * Catches an emulator's webhooks as they come over the socket. A GET is answered with its `challenge`, so that the
 * emulator takes the address for verified.
 */
export async function captureWebhooks(path = '/webhooks/leads'): Promise<WebhookCapture> {
  const captured: WebhookRequest[] = [];
  const asking: { resolve(request: WebhookRequest): void; reject(error: Error): void }[] = [];
  const { origin, close } = await listenOnLoopback((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'text/plain');
      response.end(new URL(request.url, 'http://localhost').searchParams.get('challenge') ?? '');
      return;
    }
    const first = asking.shift();
    if (first === undefined) captured.push(request);
    else first.resolve(request);
    response.end();
  });
  return {
    url: `${origin}${path}`,
    next: () => {
      const known = captured.shift();
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => asking.push({ resolve, reject }));
    },
    get waiting() {
      return captured.length;
    },
    close: () => {
      for (const { reject } of asking.splice(0)) reject(new Error('The capture is closed: no webhook came.'));
      return close();
    },
  };
}

/**
 * For an emulator that delivers everything twice, the second time as a retry (`chaos: { duplicate: 1 }`): tells the first from
 * the second, in whatever order they come.
 *
 * @param keyOf what both have in common, and no other. Default: the body
 */
export function firstsAndDuplicates(
  { next }: Pick<WebhookCapture, 'next'>,
  keyOf: (request: WebhookRequest) => string = ({ body }) => Buffer.from(body).toString('utf8'),
): Pick<HarnessWebhooks, 'next' | 'again'> {
  const duplicates = new Map<string, WebhookRequest>();
  const firsts = new Map<string, WebhookRequest>();
  let latest = '';
  const take = async (): Promise<void> => {
    const request = await next();
    const key = keyOf(request);
    if (key === latest || firsts.has(key)) duplicates.set(key, request);
    else firsts.set(key, request);
  };
  return {
    next: async () => {
      for (;;) {
        const [entry] = firsts;
        if (entry !== undefined) {
          firsts.delete(entry[0]);
          latest = entry[0];
          return entry[1];
        }
        await take();
      }
    },
    again: async () => {
      for (;;) {
        const duplicate = duplicates.get(latest);
        if (duplicate !== undefined) return duplicate;
        await take();
      }
    },
  };
}
