import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.js';

/** What came of a request. */
export interface Answer {
  /** 0 when there was no answer. */
  status: number;
  body: string;
  problem?: string;
}

/** Calls receivers of webhooks. Node turns credentials in a URL into HTTP Basic; redirects are not followed. */
export interface Poster {
  post(url: string, body: string, headers: Record<string, string>, deadlineMs: number): Promise<Answer>;
  /** The subscription challenge; true when the answer is 200 with exactly the challenge. */
  challenge(url: string, challenge: string, deadlineMs: number): Promise<boolean>;
  /** A moment of real time, shorter if the emulator closes. */
  pause(milliseconds: number): Promise<void>;
  close(): void;
}

const LONGEST_ANSWER = 64 * 1024;

export function createPoster(clock: Clock): Poster {
  const closing = new AbortController();
  // A connection each: a receiver that restarts must not look like one that fails.
  const agents = {
    'http:': new http.Agent({ keepAlive: false }),
    'https:': new https.Agent({ keepAlive: false }),
  };

  const send = (
    target: URL,
    method: string,
    body: string | undefined,
    headers: Record<string, string>,
    deadlineMs: number,
  ): Promise<Answer> =>
    new Promise((resolve) => {
      const secure = target.protocol === 'https:';
      const bytes = body === undefined ? undefined : Buffer.from(body, 'utf8');
      const deadline = clock.after(deadlineMs, () => request.destroy(new Error('no answer in time')));
      const finish = (answer: Answer) => {
        deadline.cancel();
        resolve(answer);
      };
      const request = (secure ? https : http).request(target, {
        method,
        agent: secure ? agents['https:'] : agents['http:'],
        signal: closing.signal,
        headers: { ...headers, ...(bytes && { 'content-length': String(bytes.length) }) },
      });
      request.on('error', (error) => finish({ status: 0, body: '', problem: reason(error) }));
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text.length < LONGEST_ANSWER) text += chunk;
        });
        response.on('error', (error) => finish({ status: 0, body: '', problem: reason(error) }));
        response.on('end', () => finish({ status: response.statusCode ?? 0, body: text }));
      });
      request.end(bytes);
    });

  return {
    post: (url, body, headers, deadlineMs) => send(new URL(url), 'POST', body, headers, deadlineMs),
    async challenge(url, challenge, deadlineMs) {
      const target = new URL(url);
      target.searchParams.set('type', 'subscribe');
      target.searchParams.set('challenge', challenge);
      const { status, body } = await send(target, 'GET', undefined, {}, deadlineMs);
      return status === 200 && body === challenge;
    },
    async pause(milliseconds) {
      await sleep(milliseconds, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    },
    close() {
      closing.abort();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function reason(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
