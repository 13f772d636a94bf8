import { standaloneAccount } from '@parley/adapter-kit';
import type { AccountContext, AccountNotice, Checkpoint, Clock, LogFields } from '@parley/core';
import { type ChatIncEmulator, type ChatIncEmulatorOptions, startChatInc } from '@parley/emulators';
import { type ChatIncAdapter, type ChatIncOptions, chatinc } from '../src/index.js';

export interface Stage {
  emulator: ChatIncEmulator;
  /** Opens an adapter with the account's key. Closed with the stage. */
  open(options?: Partial<ChatIncOptions>, context?: OpenContext): ChatIncAdapter;
  notices: AccountNotice[];
  logged: { fields: LogFields; message: string }[];
  /** What was asked of a route, oldest first. */
  asked(path: string, method?: string): unknown[];
  close(): Promise<void>;
}

export interface OpenContext {
  account?: string;
  checkpoint?: Checkpoint;
  clock?: Clock;
}

/** An emulator, and adapters on its clock: whoever waits moves it. */
export async function startStage(options: ChatIncEmulatorOptions = {}): Promise<Stage> {
  const emulator = await startChatInc(options);
  const { origin, apiKey } = emulator.credentials;
  const notices: AccountNotice[] = [];
  const logged: Stage['logged'] = [];
  const log = (fields: LogFields, message: string) => void logged.push({ fields, message });
  const opened: ChatIncAdapter[] = [];
  return {
    emulator,
    notices,
    logged,
    open(own = {}, { account = 'promo', checkpoint, clock = hurriedClock(emulator) } = {}) {
      const context: AccountContext = {
        ...standaloneAccount(account, {
          clock,
          log: { debug: log, info: log, warn: log, error: log },
          onNotice: (notice) => notices.push(notice),
        }),
        ...(checkpoint && { checkpoint }),
      };
      const bases = { baseUrl: `${origin}/v1`, botBaseUrl: origin };
      const adapter = chatinc({ apiKey, ...bases, ...own }).open(context);
      opened.push(adapter);
      return adapter;
    },
    asked: (path, method = 'POST') => emulator.journal.requests({ method, path }).map(({ body }) => body),
    async close() {
      await Promise.all(opened.map((adapter) => adapter.close()));
      await emulator.close();
    },
  };
}

/** The emulator's clock, on which every wait is over at once: time moves ahead by as much. */
export function hurriedClock({ clock }: Pick<ChatIncEmulator, 'clock'>): Clock {
  return {
    now: clock.now,
    elapsed: clock.now,
    schedule: (ms, run) => {
      const call = setImmediate(() => {
        clock.advance(ms);
        run();
      });
      return { cancel: () => clearImmediate(call) };
    },
  };
}

/** The emulator's clock as it is: the test moves it. */
export function emulatorClock({ clock }: Pick<ChatIncEmulator, 'clock'>): Clock {
  return {
    now: clock.now,
    elapsed: clock.now,
    schedule: (ms, run) => clock.after(ms, run),
  };
}

/** Everything that an iteration yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
