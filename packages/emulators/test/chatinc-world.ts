import { afterEach, beforeEach } from '@jest/globals';
import { type ChatIncEmulator, type ChatIncEmulatorOptions, startChatInc } from '@parley/emulators';
import type { Parsed } from './receiver.js';

export interface ChatIncAnswer {
  status: number;
  /** Undefined for an answer that is not JSON. */
  json: Parsed;
  text: string;
  headers: Headers;
}

/** The key of the contract's examples. */
export const KEY = 'ck_test_51f0';

/** A fresh emulator for every test of a file, and calls to it. */
export function useChatInc(options: ChatIncEmulatorOptions = {}) {
  let emulator: ChatIncEmulator;
  let closing: (() => unknown)[];

  beforeEach(async () => {
    emulator = await startChatInc({ apiKey: KEY, ...options });
    closing = [];
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await emulator.close();
  });

  const send = async (path: string, init: RequestInit, key: string | null): Promise<ChatIncAnswer> => {
    const headers = new Headers(init.headers);
    if (key !== null) headers.set('authorization', key);
    const response = await fetch(`${emulator.origin}${path}`, { ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      json: isJson ? JSON.parse(text) : undefined,
      text,
      headers: response.headers,
    };
  };

  const call = (method: string, path: string, body?: unknown, key: string | null = KEY) =>
    send(
      path,
      {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      },
      key,
    );

  const post = (path: string, body?: unknown, key?: string | null) => call('POST', `/v1${path}`, body, key);
  const get = (path: string, key?: string | null) => call('GET', `/v1${path}`, undefined, key);

  return {
    get emulator() {
      return emulator;
    },
    call,
    post,
    get,
    later(close: () => unknown) {
      closing.push(close);
    },
    /** As multipart/form-data: the fields first, then the file. */
    upload(path: string, fields: Record<string, string>, file?: string | Blob, part = 'file') {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      if (file !== undefined) form.set(part, typeof file === 'string' ? new Blob([file]) : file, 'file.csv');
      return send(`/v1${path}`, { method: 'POST', body: form }, KEY);
    },
    audience: (id: string, ...numbers: string[]) =>
      post('/create/audience', { id, name: id, contacts: numbers.map((number) => ({ number })) }),
    /** Creates a campaign, and returns its id. */
    async campaign(fields: object = {}): Promise<string> {
      const known = new Set(emulator.campaigns().map(({ campaignId }) => campaignId));
      await post('/create/campaign', { title: 'May reminder', message: 'Hello', ...fields });
      const created = emulator.campaigns().find(({ campaignId }) => !known.has(campaignId));
      if (created === undefined) throw new Error('the campaign was not created');
      return created.campaignId;
    },
    run: (campaignId: string, ...audiences: string[]) => post('/run/campaign', { campaignId, audiences }),
    /** The one campaign of the list. */
    async listed(): Promise<Parsed> {
      return (await get('/retrieve/campaigns')).json[0].campaigns;
    },
    /** Until every message has become what it will be. */
    settle: () => emulator.clock.advance(200_000),
  };
}

/** Status and text of an error. */
export const refusal = ({ status, json }: ChatIncAnswer) => [status, json?.message];
