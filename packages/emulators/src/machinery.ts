import { type Clock, createClock } from './clock.js';
import { createFaults, type Fault, type Faults } from './faults.js';
import { createJournal, type Journal, type JournalEntry } from './journal.js';
import { createRateLimit, limitSettings, type RateLimit, type RateLimitSettings } from './rate-limit.js';

/** What every emulator may be given, whatever its provider. */
export interface MachineryOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** How many requests the journal keeps. Default 2000. */
  journalSize?: number;
  /** Where the clock starts, epoch milliseconds. Default: now. */
  startAt?: number;
}

/** What every emulator has, whatever its provider. */
export interface Machinery {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: Faults;
  /** Settings of the limiter; assign `false`, `true` or some settings to change it. */
  get rateLimit(): RateLimit;
  set rateLimit(value: boolean | Partial<RateLimitSettings>);
}

/** Its part of a snapshot. */
export interface MachineryState {
  /** How far its clock was ahead of real time; it goes on with real time meanwhile. */
  clockOffsetMs: number;
  rateLimit: RateLimitSettings;
  faults: Fault[];
  journal: JournalEntry[];
}

interface Given extends MachineryOptions {
  rateLimit?: boolean | Partial<RateLimitSettings> | undefined;
}

/** The machinery's options, and the provider's own. */
export function splitOptions<Options extends Given>({
  port,
  host,
  journalSize,
  startAt,
  rateLimit,
  ...own
}: Options) {
  return { common: { port, host, journalSize, startAt, rateLimit }, own };
}

/** @param standard the provider's limit, which what is given changes */
export function createMachinery(
  { startAt, journalSize = 2000, rateLimit: changes = {} }: Given,
  standard: RateLimitSettings,
  from: MachineryState | undefined,
): Machinery {
  const clock = createClock(startAt ?? (from && Date.now() + from.clockOffsetMs));
  const journal = createJournal(journalSize);
  const faults = createFaults();
  for (const entry of from?.journal ?? []) journal.record(structuredClone(entry));
  for (const fault of from?.faults ?? []) faults.next(structuredClone(fault));
  let rateLimit = createRateLimit(clock, limitSettings(from?.rateLimit ?? standard, changes));
  return {
    clock,
    journal,
    faults,
    get rateLimit(): RateLimit {
      return rateLimit;
    },
    set rateLimit(value: boolean | Partial<RateLimitSettings>) {
      rateLimit = createRateLimit(clock, limitSettings(rateLimit, value));
    },
  };
}

/** An emulator: the machinery, whose rate limit can be assigned here too, and the provider's own powers. */
export function equip<Emulator extends Machinery>(
  machinery: Machinery,
  own: Omit<Emulator, keyof Machinery>,
): Emulator {
  return Object.defineProperties(own, Object.getOwnPropertyDescriptors(machinery)) as Emulator;
}

export function machineryState({ clock, rateLimit, faults, journal }: Machinery): MachineryState {
  const { enabled, perSecond, retryAfter } = rateLimit;
  return {
    clockOffsetMs: clock.now() - Date.now(),
    rateLimit: { enabled, perSecond, retryAfter },
    faults: [...faults.pending],
    journal: [...journal.entries],
  };
}
