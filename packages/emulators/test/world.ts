import { afterEach, beforeEach } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator, type Web1on1EmulatorOptions } from '@parley/emulators';
import { type Parsed, type Received, startReceiver } from './receiver.js';

export const HOUR_MS = 3_600_000;
export const noor = { telephone: '+31600000000', name: 'Noor', channel: 'whatsapp' };

export interface Answer {
  status: number;
  json: Parsed;
  headers: Headers;
}

/** A fresh emulator for every test of a file, without rate limit, and calls to it. */
export function useWeb1on1() {
  let emulator: Web1on1Emulator;
  let receivers: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    emulator = await startWeb1on1({ rateLimit: false });
  });
  afterEach(async () => {
    await emulator.close();
    for (const receiver of receivers) await receiver.close();
    receivers = [];
  });

  /** A call with the administrator's token, or the one given; `null` sends none. */
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    token: string | null = emulator.credentials.adminToken,
  ): Promise<Answer> => {
    const response = await fetch(new URL(path, emulator.origin), {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      json: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
    };
  };

  const receiver = async (...settings: Parameters<typeof startReceiver>) => {
    const started = await startReceiver(...settings);
    receivers.push(started);
    return started;
  };

  return {
    get emulator() {
      return emulator;
    },
    async restart(options: Web1on1EmulatorOptions) {
      await emulator.close();
      emulator = await startWeb1on1({ rateLimit: false, ...options });
    },
    call,
    get: (path: string, token?: string | null) => call('GET', path, undefined, token),
    asBot: (method: string, path: string, body?: unknown) =>
      call(method, path, body, emulator.credentials.token),
    post: (conversationId: string, body: unknown, token = emulator.credentials.token) =>
      call('POST', `/v2/conversations/${conversationId}/messages`, body, token),
    conversation: (id: string) => emulator.conversations.get(id),
    receiver,
    /** A receiver that is subscribed; `answer` decides the status of each delivery. */
    async subscribed(answer?: (received: Received, count: number) => number | 'hang', events?: string[]) {
      const started = await receiver(answer);
      await emulator.subscribe({ url: started.url, events });
      return started;
    },
  };
}

export const messageOf = ({ status, json }: Answer) => [status, json?.error?.message];
