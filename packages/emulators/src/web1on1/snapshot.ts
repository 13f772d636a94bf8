import type { Fault, Faults } from '../faults.js';
import type { Journal, JournalEntry } from '../journal.js';
import type { RateLimit, RateLimitSettings } from '../rate-limit.js';
import type { Auth, AuthState } from './auth.js';
import type { Consumers, PhoneState } from './consumers.js';
import { storeLater } from './conversations.js';
import type { DelayedMessage, Platform } from './platform.js';
import type { IdState, Web1on1Record } from './records.js';
import type { Web1on1Credentials } from './seed.js';
import type { Web1on1Switches } from './switches.js';
import type { WebhookQueue, WebhooksState } from './webhooks.js';

/** Raised when the shape changes. */
const FORMAT = 1;

/**
 * Everything an emulated Web1on1 knows, as plain JSON. It holds its secrets, and it is for the version of this package that
 * made it. Not in it: the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface Web1on1Snapshot {
  format: number;
  credentials: Web1on1Credentials;
  /** How far its clock was ahead of real time; it goes on with real time meanwhile. */
  clockOffsetMs: number;
  ids: IdState;
  switches: Partial<Web1on1Switches>;
  rateLimit: RateLimitSettings;
  /** By the names of the resources. */
  records: Record<string, Web1on1Record[]>;
  passwords: Record<string, string>;
  delayed: DelayedMessage[];
  auth: AuthState;
  phones: PhoneState[];
  webhooks: WebhooksState;
  faults: Fault[];
  journal: JournalEntry[];
}

interface Parts {
  platform: Platform;
  auth: Auth;
  consumers: Consumers;
  webhooks: WebhookQueue;
  faults: Faults;
  journal: Journal;
  credentials: Web1on1Credentials;
  rateLimit: RateLimit;
}

export function takeSnapshot(parts: Parts): Web1on1Snapshot {
  const { platform, auth, consumers, webhooks, faults, journal, credentials } = parts;
  const { enabled, perSecond, retryAfter } = parts.rateLimit;
  const snapshot: Web1on1Snapshot = {
    format: FORMAT,
    credentials,
    clockOffsetMs: platform.clock.now() - Date.now(),
    ids: platform.ids,
    switches: platform.switches,
    rateLimit: { enabled, perSecond, retryAfter },
    records: Object.fromEntries([...platform.collections].map(([name, records]) => [name, records.list()])),
    passwords: Object.fromEntries(platform.passwords),
    delayed: [...platform.delayed],
    auth: auth.state(),
    phones: consumers.state(),
    webhooks: webhooks.state(),
    faults: [...faults.pending],
    journal: [...journal.entries],
  };
  // What changes later must not change the snapshot.
  return JSON.parse(JSON.stringify(snapshot)) as Web1on1Snapshot;
}

/** @throws TypeError for a snapshot that another version made */
export function assertFormat(snapshot: Web1on1Snapshot | undefined): void {
  if (snapshot === undefined || snapshot.format === FORMAT) return;
  throw new TypeError(`snapshot: expected format ${FORMAT}, got ${snapshot.format}: start without it`);
}

/** Tokens, ids, switches and time are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(
  { platform, consumers, webhooks, faults, journal }: Omit<Parts, 'auth' | 'credentials' | 'rateLimit'>,
  given: Web1on1Snapshot,
): void {
  const snapshot: Web1on1Snapshot = structuredClone(given);
  for (const [name, records] of Object.entries(snapshot.records)) {
    for (const record of records) platform.collections.get(name)?.put(record);
  }
  for (const [user, password] of Object.entries(snapshot.passwords)) platform.passwords.set(user, password);
  for (const entry of snapshot.journal) journal.record(entry);
  for (const fault of snapshot.faults) faults.next(fault);
  consumers.restore(snapshot.phones);
  for (const delayed of snapshot.delayed) storeLater(platform, delayed);
  webhooks.restore(snapshot.webhooks);
}
