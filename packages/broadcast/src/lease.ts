import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '@parley/core';
import { change, type Place, type StateAccess } from './state-access.js';

/** Milliseconds without a sign of life after which a run is taken over. */
const TAKEN_OVER_AFTER_MS = 6000;

/** Who drives a run. `beats` grows: a lease that stays as it is belongs to somebody who is dead. */
interface LeaseValue {
  holder: string;
  host: string;
  pid: number;
  beats: number;
}

/** Those in this process that live: a restarted container has the process id of the one before. */
const living = new Set<string>();

/**
 * The right to drive runs, one process for each at a time. It saves work and is no fence: two that drive the same run do no harm,
 * since every message is an effect with a key.
 */
export class Leases {
  readonly #state: StateAccess;
  readonly #clock: Clock;
  readonly #holder = randomUUID();
  /** Others' leases, and since when they have looked the same. By our own clock: those of two machines differ. */
  readonly #seen = new Map<string, { lease: string; since: number }>();

  constructor(state: StateAccess, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
    living.add(this.#holder);
  }

  /** Takes or renews the lease of a run. False if it is another's who lives, or may. */
  async hold(run: string): Promise<boolean> {
    const stored = await change<LeaseValue>(this.#state, placeOf(run), (lease) => {
      const isFree = lease === undefined || lease.holder === this.#holder || this.#isDead(run, lease);
      if (!isFree) return undefined;
      const value = {
        holder: this.#holder,
        host: hostname(),
        pid: process.pid,
        beats: (lease?.beats ?? 0) + 1,
      };
      return { value, expiresAt: this.#clock.now() + 24 * 3_600_000 };
    });
    return stored?.holder === this.#holder;
  }

  async release(run: string): Promise<void> {
    this.#seen.delete(run);
    await change<LeaseValue>(this.#state, placeOf(run), (lease) =>
      lease?.holder === this.#holder ? { value: null } : undefined,
    );
  }

  close(): void {
    living.delete(this.#holder);
  }

  #isDead(run: string, lease: LeaseValue): boolean {
    if (lease.host === hostname() && !isAlive(lease)) return true;
    const now = this.#clock.elapsed();
    const text = `${lease.holder} ${lease.beats}`;
    const seen = this.#seen.get(run);
    if (seen?.lease !== text) {
      this.#seen.set(run, { lease: text, since: now });
      return false;
    }
    return now - seen.since >= TAKEN_OVER_AFTER_MS;
  }
}

function placeOf(run: string): Place {
  return { scope: `broadcast/${run}`, kind: 'lease' };
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
