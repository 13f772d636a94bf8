import type { AccountContext, AccountNotice, Adapter, AdapterDefinition, Clock, Log } from '@parley/core';
import type { Clock as EmulatedClock } from '@parley/emulators';
import { anAccount } from '../account-context.js';

/** An emulated provider and accounts at it, for the tests of its adapter. */
export interface Stage<Emulator, Options, Opened extends Adapter> {
  readonly emulator: Emulator;
  /** Opens an account; options given as undefined are left out. Closed with the stage. */
  open(options?: Partial<Options>, context?: StageContext): Opened;
  /** What the accounts have reported, oldest first. */
  readonly notices: readonly AccountNotice[];
  /** What they have told the log, unless they were given another one. */
  readonly logged: readonly { fields: Parameters<Log['warn']>[0]; message: string }[];
  /** The accounts first, then the emulator. */
  close(): Promise<void>;
}

export interface StageContext
  extends Partial<Pick<AccountContext, 'clock' | 'log' | 'tokens' | 'checkpoint'>> {
  account?: string;
}

export interface StageOptions<Emulator, Options, Opened extends Adapter> {
  emulator: Emulator;
  factory: (options: Options) => AdapterDefinition<Opened>;
  /** What leads to the emulator, and what the tests have in common. */
  options: NoInfer<Options>;
  /** Default `leads`. */
  account?: string;
  /** Default: the emulator's, which the test moves. */
  clock?: Clock;
}

/** Accounts are on the emulator's clock, and as fast as they can. */
export function setStage<
  Emulator extends { readonly clock: EmulatedClock; close(): Promise<void> },
  Options extends object,
  Opened extends Adapter,
>(setting: StageOptions<Emulator, Options, Opened>): Stage<Emulator, Options, Opened> {
  const { emulator, factory, options, account: usual = 'leads', clock = emulatorClock(emulator) } = setting;
  const notices: AccountNotice[] = [];
  const logged: { fields: Parameters<Log['warn']>[0]; message: string }[] = [];
  const note: Log['warn'] = (fields, message) => void logged.push({ fields, message });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const opened: Opened[] = [];
  return {
    emulator,
    notices,
    logged,
    open: (own, { account = usual, ...context } = {}) => {
      const given = Object.entries({ ...options, ...own }).filter(([, value]) => value !== undefined);
      const adapter = factory(Object.fromEntries(given) as Options).open({
        ...anAccount({ name: account, clock, log, ...context }),
        report: (notice) => void notices.push(notice),
      });
      opened.push(adapter);
      return adapter;
    },
    close: async () => {
      await Promise.all(opened.map((adapter) => adapter.close()));
      await emulator.close();
    },
  };
}

/** An emulator's clock for those who wait on it. */
export function emulatorClock({ clock }: { readonly clock: EmulatedClock }): Clock {
  return { now: clock.now, elapsed: clock.now, schedule: (ms, run) => clock.after(ms, run) };
}
