import type { Fault, Faults } from '../faults.js';
import type { Journal, JournalEntry } from '../journal.js';
import type { Json } from '../json.js';
import type { RateLimit, RateLimitSettings } from '../rate-limit.js';
import type { HookQueue, HooksState } from './hooks.js';
import { storeLater } from './messages.js';
import type { DelayedMessage, Platform } from './platform.js';
import type { Quota, QuotaState } from './quota.js';
import type { Keypair, Plugin, User, Website } from './records.js';
import type { RtmServer, RtmState } from './rtm.js';
import type { CrispCredentials } from './seed.js';
import type { CrispSwitches } from './switches.js';
import type { BoxState, Visitors } from './visitors.js';

/** Raised when the shape changes. */
const FORMAT = 1;

/**
 * Everything an emulated Crisp knows, as plain JSON. It holds its secrets, and it is for the version of this package that made
 * it. Not in it: connections, the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface CrispSnapshot {
  provider: 'crisp';
  format: number;
  credentials: CrispCredentials;
  /** How far its clock was ahead of real time; it goes on with real time meanwhile. */
  clockOffsetMs: number;
  switches: CrispSwitches;
  rateLimit: RateLimitSettings;
  quota: QuotaState;
  /** Websites, users, plugins and keypairs; a `Map` is `{"$map": [[key, value]]}`. */
  world: Json;
  lastFingerprint: number;
  delayed: DelayedMessage[];
  visitors: BoxState[];
  hooks: HooksState;
  rtm: RtmState;
  faults: Fault[];
  journal: JournalEntry[];
}

interface Parts {
  platform: Platform;
  visitors: Visitors;
  hooks: HookQueue;
  rtm: RtmServer;
  quota: Quota;
  faults: Faults;
  journal: Journal;
  credentials: CrispCredentials;
  rateLimit: RateLimit;
}

interface World {
  websites: Map<string, Website>;
  users: Map<string, User>;
  plugins: Map<string, Plugin>;
  keypairs: Map<string, Keypair>;
}

export function takeSnapshot(parts: Parts): CrispSnapshot {
  const { platform, credentials } = parts;
  const { websites, users, plugins, keypairs, lastFingerprint, delayed } = platform;
  const { enabled, perSecond, retryAfter } = parts.rateLimit;
  const snapshot: Omit<CrispSnapshot, 'world'> & { world: World } = {
    provider: 'crisp',
    format: FORMAT,
    credentials,
    clockOffsetMs: platform.clock.now() - Date.now(),
    switches: platform.switches,
    rateLimit: { enabled, perSecond, retryAfter },
    quota: parts.quota.state(),
    world: { websites, users, plugins, keypairs },
    lastFingerprint,
    delayed: [...delayed],
    visitors: parts.visitors.state(),
    hooks: parts.hooks.state(),
    rtm: parts.rtm.state(),
    faults: [...parts.faults.pending],
    journal: [...parts.journal.entries],
  };
  // What changes later must not change the snapshot.
  return JSON.parse(JSON.stringify(snapshot, mapToJson)) as CrispSnapshot;
}

/** @throws TypeError for a snapshot that another version or another provider made */
export function assertFormat(snapshot: CrispSnapshot | undefined): void {
  if (snapshot === undefined || (snapshot.provider === 'crisp' && snapshot.format === FORMAT)) return;
  throw new TypeError(
    `snapshot: expected crisp, format ${FORMAT}, got ${snapshot.provider}, format ${snapshot.format}: start without it`,
  );
}

/** Credentials, switches, rate limit and time are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(
  { platform, visitors, hooks, rtm, quota, faults, journal }: Omit<Parts, 'credentials' | 'rateLimit'>,
  snapshot: CrispSnapshot,
): void {
  const from = JSON.parse(JSON.stringify(snapshot), jsonToMap) as Omit<CrispSnapshot, 'world'> & {
    world: World;
  };
  refill(platform.websites, from.world.websites);
  refill(platform.users, from.world.users);
  refill(platform.plugins, from.world.plugins);
  refill(platform.keypairs, from.world.keypairs);
  platform.lastFingerprint = from.lastFingerprint;
  for (const entry of from.journal) journal.record(entry);
  for (const fault of from.faults) faults.next(fault);
  quota.restore(from.quota);
  visitors.restore(from.visitors);
  rtm.restore(from.rtm);
  for (const delayed of from.delayed) storeLater(platform, delayed);
  hooks.restore(from.hooks);
}

function refill<T>(map: Map<string, T>, from: ReadonlyMap<string, T>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}

function mapToJson(_key: string, value: unknown): unknown {
  return value instanceof Map ? { $map: [...value] } : value;
}

function jsonToMap(_key: string, value: unknown): unknown {
  const entries = typeof value === 'object' && value !== null && '$map' in value ? value.$map : undefined;
  return Array.isArray(entries) ? new Map(entries as [string, unknown][]) : value;
}
