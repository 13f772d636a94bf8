import { type Machinery, type MachineryState, machineryState } from '../machinery.js';
import type { Auth, AuthState } from './auth.js';
import type { Consumers, PhoneState } from './consumers.js';
import { storeLater } from './conversations.js';
import type { DelayedMessage, Platform } from './platform.js';
import type { IdState, Web1on1Record } from './records.js';
import type { Web1on1Credentials } from './seed.js';
import type { Web1on1Switches } from './switches.js';
import type { WebhookQueue, WebhooksState } from './webhooks.js';

/** Raised when the shape changes. */
export const FORMAT = { format: 1 } as const;

/**
 * Everything an emulated Web1on1 knows, as plain JSON. It holds its secrets, and it is for the version of this package that
 * made it. Not in it: the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface Web1on1Snapshot extends MachineryState {
  format: number;
  credentials: Web1on1Credentials;
  ids: IdState;
  switches: Partial<Web1on1Switches>;
  /** By the names of the resources. */
  records: Record<string, Web1on1Record[]>;
  passwords: Record<string, string>;
  delayed: DelayedMessage[];
  auth: AuthState;
  phones: PhoneState[];
  webhooks: WebhooksState;
}

interface Parts {
  platform: Platform;
  auth: Auth;
  consumers: Consumers;
  webhooks: WebhookQueue;
  machinery: Machinery;
  credentials: Web1on1Credentials;
}

export function takeSnapshot(parts: Parts): Web1on1Snapshot {
  const { platform, auth, consumers, webhooks, machinery, credentials } = parts;
  const snapshot: Web1on1Snapshot = {
    ...FORMAT,
    ...machineryState(machinery),
    credentials,
    ids: platform.ids,
    switches: platform.switches,
    records: Object.fromEntries([...platform.collections].map(([name, records]) => [name, records.list()])),
    passwords: Object.fromEntries(platform.passwords),
    delayed: [...platform.delayed],
    auth: auth.state(),
    phones: consumers.state(),
    webhooks: webhooks.state(),
  };
  // What changes later must not change the snapshot.
  return JSON.parse(JSON.stringify(snapshot)) as Web1on1Snapshot;
}

/** Tokens, ids, switches and the machinery are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(
  { platform, consumers, webhooks }: Omit<Parts, 'auth' | 'credentials' | 'machinery'>,
  given: Web1on1Snapshot,
): void {
  const snapshot: Web1on1Snapshot = structuredClone(given);
  for (const [name, records] of Object.entries(snapshot.records)) {
    for (const record of records) platform.collections.get(name)?.put(record);
  }
  for (const [user, password] of Object.entries(snapshot.passwords)) platform.passwords.set(user, password);
  consumers.restore(snapshot.phones);
  for (const delayed of snapshot.delayed) storeLater(platform, delayed);
  webhooks.restore(snapshot.webhooks);
}
