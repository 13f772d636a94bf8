import { standaloneAccount } from '@parley/adapter-kit';
import type { AccountNotice, Clock, Log, TokenStore } from '@parley/core';
import { startWeb1on1, type Web1on1Emulator, type Web1on1EmulatorOptions } from '@parley/emulators';
import { type Web1on1Adapter, type Web1on1Options, web1on1 } from '../src/index.js';

export interface Stage {
  emulator: Web1on1Emulator;
  /** Opens an adapter with the bot's credentials; options given as undefined are left out. Closed with the stage. */
  open(options?: Partial<Web1on1Options>, context?: OpenContext): Web1on1Adapter;
  notices: AccountNotice[];
  close(): Promise<void>;
}

export interface OpenContext {
  account?: string;
  tokens?: TokenStore;
  log?: Log;
}

/** An emulator, and adapters on its clock. */
export async function startStage(options: Web1on1EmulatorOptions = {}): Promise<Stage> {
  const emulator = await startWeb1on1({ rateLimit: false, ...options });
  const { origin, token, refreshToken, botEmail, secret } = emulator.credentials;
  const clock: Clock = {
    now: emulator.clock.now,
    elapsed: emulator.clock.now,
    schedule: (ms, run) => emulator.clock.after(ms, run),
  };
  const notices: AccountNotice[] = [];
  const opened: Web1on1Adapter[] = [];
  return {
    emulator,
    notices,
    open(own = {}, { account = 'leads', tokens, log } = {}) {
      const all = {
        origin,
        token,
        refreshToken,
        email: botEmail,
        secret,
        rate: { requests: 10_000, perMs: 1000 },
        ...own,
      };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const context = standaloneAccount(account, {
        clock,
        onNotice: (notice) => notices.push(notice),
        ...(tokens !== undefined && { tokens }),
        ...(log !== undefined && { log }),
      });
      const adapter = web1on1(given).open(context);
      opened.push(adapter);
      return adapter;
    },
    async close() {
      await Promise.all(opened.map((adapter) => adapter.close()));
      await emulator.close();
    },
  };
}

/** Everything that an iteration yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
