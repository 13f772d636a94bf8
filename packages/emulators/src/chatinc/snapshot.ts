import { createDice } from '../chaos.js';
import type { Fault, Faults } from '../faults.js';
import type { Journal, JournalEntry } from '../journal.js';
import type { Json } from '../json.js';
import type { RateLimit, RateLimitSettings } from '../rate-limit.js';
import type { Platform } from './platform.js';
import type { Account } from './records.js';
import { proceed } from './runs.js';
import type { ChatIncCredentials } from './seed.js';
import type { ChatIncSwitches } from './switches.js';
import { awaitDecision } from './templates.js';

/** Raised when the shape changes. */
const FORMAT = 1;

/**
 * Everything an emulated Chat Inc knows, as plain JSON. It holds its keys, and it is for the version of this package that made
 * it. Not in it: the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface ChatIncSnapshot {
  provider: 'chatinc';
  format: number;
  credentials: ChatIncCredentials;
  /** How far its clock was ahead of real time; it goes on with real time meanwhile. */
  clockOffsetMs: number;
  switches: ChatIncSwitches;
  rateLimit: RateLimitSettings;
  /** Maps, sets and columns of numbers are `{"$map"}`, `{"$set"}`, `{"$u8"}` and `{"$f64"}`. */
  accounts: Json;
  notOnWhatsApp: string[];
  seed: number;
  faults: Fault[];
  journal: JournalEntry[];
}

interface Parts {
  platform: Platform;
  faults: Faults;
  journal: Journal;
  credentials: ChatIncCredentials;
  rateLimit: RateLimit;
}

export function takeSnapshot({ platform, faults, journal, credentials, rateLimit }: Parts): ChatIncSnapshot {
  const { enabled, perSecond, retryAfter } = rateLimit;
  const snapshot: Omit<ChatIncSnapshot, 'accounts'> & { accounts: Map<string, Account> } = {
    provider: 'chatinc',
    format: FORMAT,
    credentials,
    clockOffsetMs: platform.clock.now() - Date.now(),
    switches: platform.switches,
    rateLimit: { enabled, perSecond, retryAfter },
    accounts: platform.accounts,
    notOnWhatsApp: [...platform.notOnWhatsApp],
    seed: platform.dice.state,
    faults: [...faults.pending],
    journal: [...journal.entries],
  };
  // What changes later must not change the snapshot.
  return JSON.parse(JSON.stringify(snapshot, toJson)) as ChatIncSnapshot;
}

/** @throws TypeError for a snapshot that another version or another provider made */
export function assertFormat(snapshot: ChatIncSnapshot | undefined): void {
  if (snapshot === undefined || (snapshot.provider === 'chatinc' && snapshot.format === FORMAT)) return;
  throw new TypeError(
    `snapshot: expected chatinc, format ${FORMAT}, got ${snapshot.provider}, format ${snapshot.format}: start without it`,
  );
}

/** Credentials, switches, rate limit and time are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(
  { platform, faults, journal }: Omit<Parts, 'credentials' | 'rateLimit'>,
  snapshot: ChatIncSnapshot,
): void {
  const accounts = JSON.parse(JSON.stringify(snapshot.accounts), fromJson) as Map<string, Account>;
  platform.accounts.clear();
  for (const [key, account] of accounts) platform.accounts.set(key, account);
  for (const number of snapshot.notOnWhatsApp) platform.notOnWhatsApp.add(number);
  platform.dice = createDice(snapshot.seed);
  for (const entry of snapshot.journal) journal.record(entry);
  for (const fault of snapshot.faults) faults.next(fault);
  // What became due meanwhile happens now.
  for (const account of accounts.values()) {
    for (const campaign of account.campaigns.values()) {
      awaitDecision(platform, account, campaign);
      for (const run of campaign.runs) proceed(platform, account, campaign, run);
    }
  }
}

function toJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  if (value instanceof Uint8Array) return { $u8: [...value] };
  if (value instanceof Float64Array) return { $f64: [...value] };
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map as [string, unknown][]);
  if ('$set' in value && Array.isArray(value.$set)) return new Set(value.$set);
  if ('$u8' in value && Array.isArray(value.$u8)) return Uint8Array.from(value.$u8);
  if ('$f64' in value && Array.isArray(value.$f64)) return Float64Array.from(value.$f64);
  return value;
}
