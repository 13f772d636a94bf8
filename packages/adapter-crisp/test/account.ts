import { standaloneAccount } from '@parley/adapter-kit';
import type { AccountNotice, Checkpoint, Clock, Log, TokenStore } from '@parley/core';
import { type CrispEmulator, type CrispEmulatorOptions, startCrisp } from '@parley/emulators';
import { type CrispAdapter, type CrispOptions, crisp } from '../src/index.js';

export interface Stage {
  emulator: CrispEmulator;
  /** Opens an adapter with the plugin's keypair; options given as undefined are left out. Closed with the stage. */
  open(options?: Partial<CrispOptions>, context?: OpenContext): CrispAdapter;
  notices: AccountNotice[];
  close(): Promise<void>;
}

export interface OpenContext {
  account?: string;
  tokens?: TokenStore;
  log?: Log;
  checkpoint?: Checkpoint;
}

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** An emulator, and adapters on its clock. */
export async function startStage(options: CrispEmulatorOptions = {}): Promise<Stage> {
  const emulator = await startCrisp(options);
  const clock: Clock = {
    now: emulator.clock.now,
    elapsed: emulator.clock.now,
    schedule: (ms, run) => emulator.clock.after(ms, run),
  };
  const notices: AccountNotice[] = [];
  const opened: CrispAdapter[] = [];
  return {
    emulator,
    notices,
    open(own = {}, { account = 'leads', tokens, log = quiet, checkpoint } = {}) {
      const { origin, tier, identifier, key, websiteId: website, hookSecret: secret } = emulator.credentials;
      const all = {
        origin,
        tier,
        identifier,
        key,
        website,
        secret,
        realtime: true,
        reconnect: { firstMs: 1, maxMs: 5 },
        ...own,
      };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const context = standaloneAccount(account, {
        clock,
        log,
        onNotice: (notice) => notices.push(notice),
        ...(tokens !== undefined && { tokens }),
      });
      const adapter = crisp(given as unknown as CrispOptions).open({
        ...context,
        ...(checkpoint !== undefined && { checkpoint }),
      });
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
