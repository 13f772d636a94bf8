import { afterEach, beforeEach } from '@jest/globals';
import { type CrispEmulator, type CrispEmulatorOptions, startCrisp } from '@parley/emulators';
import type { Parsed } from './receiver.js';
import { startReceiver } from './receiver.js';

export interface CrispAnswer {
  status: number;
  json: Parsed;
  headers: Headers;
}

export type Keys = { identifier: string; key: string; tier?: 'user' | 'website' | 'plugin' };

/** A fresh emulator for every test of a file, and calls to it. */
export function useCrisp(options: CrispEmulatorOptions = {}) {
  let emulator: CrispEmulator;
  let closing: (() => unknown)[];

  beforeEach(async () => {
    emulator = await startCrisp(options);
    closing = [];
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await emulator.close();
  });

  /** A call as the plugin, or with the keys given; `null` sends none. Paths begin after `/v1`. */
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    keys: Keys | null = keysOf('plugin'),
  ): Promise<CrispAnswer> => {
    const response = await fetch(`${emulator.origin}/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(keys !== null && {
          authorization: `Basic ${Buffer.from(`${keys.identifier}:${keys.key}`).toString('base64')}`,
          'x-crisp-tier': keys.tier ?? 'user',
        }),
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

  const keysOf = (tier: 'user' | 'website' | 'plugin'): Keys => {
    const { credentials } = emulator;
    return { tier, identifier: credentials[`${tier}Identifier`], key: credentials[`${tier}Key`] };
  };

  return {
    get emulator() {
      return emulator;
    },
    get website() {
      return `/website/${emulator.credentials.websiteId}`;
    },
    call,
    keysOf,
    get: (path: string, keys?: Keys | null) => call('GET', path, undefined, keys),
    asUser: (method: string, path: string, body?: unknown) => call(method, path, body, keysOf('user')),
    later(close: () => unknown) {
      closing.push(close);
    },
    async receiver(...settings: Parameters<typeof startReceiver>) {
      const started = await startReceiver(...settings);
      closing.push(() => started.close());
      return started;
    },
  };
}

/** Status and reason. */
export const outcome = ({ status, json }: CrispAnswer) => [status, json?.reason];
