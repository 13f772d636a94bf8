import type { Json } from '../json.js';
import { type Machinery, type MachineryState, machineryState } from '../machinery.js';
import { fromPlain, toPlain } from '../snapshot-format.js';
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
export const FORMAT = { provider: 'crisp', format: 1 } as const;

/**
 * Everything an emulated Crisp knows, as plain JSON. It holds its secrets, and it is for the version of this package that made
 * it. Not in it: connections, the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface CrispSnapshot extends MachineryState {
  provider: 'crisp';
  format: number;
  credentials: CrispCredentials;
  switches: CrispSwitches;
  quota: QuotaState;
  /** Websites, users, plugins and keypairs; a `Map` is `{"$map": [[key, value]]}`. */
  world: Json;
  lastFingerprint: number;
  delayed: DelayedMessage[];
  visitors: BoxState[];
  hooks: HooksState;
  rtm: RtmState;
}

interface Parts {
  platform: Platform;
  visitors: Visitors;
  hooks: HookQueue;
  rtm: RtmServer;
  quota: Quota;
  machinery: Machinery;
  credentials: CrispCredentials;
}

interface World {
  websites: Map<string, Website>;
  users: Map<string, User>;
  plugins: Map<string, Plugin>;
  keypairs: Map<string, Keypair>;
}

export function takeSnapshot(parts: Parts): CrispSnapshot {
  const { platform, machinery, credentials } = parts;
  const { websites, users, plugins, keypairs, lastFingerprint, delayed } = platform;
  const snapshot: Omit<CrispSnapshot, 'world'> & { world: World } = {
    ...FORMAT,
    ...machineryState(machinery),
    credentials,
    switches: platform.switches,
    quota: parts.quota.state(),
    world: { websites, users, plugins, keypairs },
    lastFingerprint,
    delayed: [...delayed],
    visitors: parts.visitors.state(),
    hooks: parts.hooks.state(),
    rtm: parts.rtm.state(),
  };
  return toPlain(snapshot) as CrispSnapshot;
}

/** Credentials, switches and the machinery are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(
  { platform, visitors, hooks, rtm, quota }: Omit<Parts, 'credentials' | 'machinery'>,
  snapshot: CrispSnapshot,
): void {
  const from = fromPlain(snapshot) as Omit<CrispSnapshot, 'world'> & { world: World };
  refill(platform.websites, from.world.websites);
  refill(platform.users, from.world.users);
  refill(platform.plugins, from.world.plugins);
  refill(platform.keypairs, from.world.keypairs);
  platform.lastFingerprint = from.lastFingerprint;
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
