import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from './clock.js';
import type { Engine } from './engine.js';

/** Milliseconds between two signs of life that a holder should give; a third of what it takes to be taken for dead. */
export const LEASE_BEAT_MS = 2000;
/** Milliseconds without a sign of life after which a lease is taken over. */
const TAKEN_OVER_AFTER_MS = 6000;
const KEPT_MS = 24 * 3_600_000;

/** Who holds a lease. `beats` grows: one that stays as it is belongs to somebody who is dead. */
interface LeaseValue {
  holder: string;
  host: string;
  pid: number;
  beats: number;
}

/** Those in this process that live: a restarted container has the process id of the one before. */
const living = new Set<string>();

export interface LeaseState {
  readonly clock: Clock;
  readonly readState: Engine['readState'];
  readonly writeState: Engine['writeState'];
}

/**
 * The right to do what one process should do for all that share an engine, such as listening to a socket. It saves work and is no
 * fence: for a moment two may hold it, so whatever they do must do no harm twice.
 */
export class Leases {
  readonly #state: LeaseState;
  readonly #holder = randomUUID();
  /** Others' leases, and since when they have looked the same. By our own clock: those of two machines differ. */
  readonly #seen = new Map<string, { lease: string; since: number }>();

  constructor(state: LeaseState) {
    this.#state = state;
    living.add(this.#holder);
  }

  /** Takes or renews a lease. False if it is another's who lives, or may, or who was quicker. */
  async hold(name: string): Promise<boolean> {
    const { clock } = this.#state;
    const entry = await this.#state.readState('lease', name);
    const lease = entry === undefined ? undefined : (JSON.parse(entry.value) as LeaseValue);
    if (lease !== undefined && lease.holder !== this.#holder && !this.#isDead(name, lease)) return false;
    const beats = (lease?.beats ?? 0) + 1;
    const value: LeaseValue = { holder: this.#holder, host: hostname(), pid: process.pid, beats };
    return this.#write(name, JSON.stringify(value), entry?.version ?? 0, clock.now() + KEPT_MS);
  }

  async release(name: string): Promise<void> {
    this.#seen.delete(name);
    const entry = await this.#state.readState('lease', name);
    if (entry === undefined || (JSON.parse(entry.value) as LeaseValue).holder !== this.#holder) return;
    await this.#write(name, undefined, entry.version);
  }

  /** Whoever looks at this process's leases from now on takes them over. */
  close(): void {
    living.delete(this.#holder);
  }

  async #write(
    kind: string,
    value: string | undefined,
    version: number,
    expiresAt?: number,
  ): Promise<boolean> {
    const expiry = expiresAt === undefined ? {} : { expiresAt };
    return this.#state.writeState({ scope: 'lease', kind, value, version, ...expiry });
  }

  #isDead(name: string, lease: LeaseValue): boolean {
    if (lease.host === hostname() && !isAlive(lease)) return true;
    const now = this.#state.clock.elapsed();
    const text = `${lease.holder} ${lease.beats}`;
    const seen = this.#seen.get(name);
    if (seen?.lease !== text) {
      this.#seen.set(name, { lease: text, since: now });
      return false;
    }
    return now - seen.since >= TAKEN_OVER_AFTER_MS;
  }
}

function isAlive({ holder, pid }: LeaseValue): boolean {
  if (pid === process.pid) return living.has(holder);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
