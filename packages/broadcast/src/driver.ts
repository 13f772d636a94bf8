import type { Adapter, ScheduledCall } from '@parley/core';
import { isParleyError, LEASE_BEAT_MS, Leases, sleep } from '@parley/core';
import { Drive, type DriveParts } from './drive.js';
import { runNatively } from './native-runner.js';
import { runByPerson } from './person-runner.js';
import { tellFailure } from './tell.js';

/** Milliseconds between two looks at the list of runs. */
const LOOK_EVERY_MS = 1000;
/** Milliseconds after which every driver has looked, unless its process hangs. */
export const HEARD_WITHIN_MS = 2 * LOOK_EVERY_MS;

export interface DriverParts extends DriveParts {
  adapterOf(account: string): Adapter | undefined;
  /** False: the bot is ending. */
  isRunning(): boolean;
}

/** Drives all runs that are not over and that no other process drives; finds out within a second what others have done to them. */
export class Driver {
  /** False: there has never been a run that is still kept. */
  hasRuns = false;
  /** True while messages of a run may be on their way out, in this process or another. */
  isSending = false;
  readonly #parts: DriverParts;
  readonly #leases: Leases;
  readonly #drives = new Map<string, { drive: Drive; beatAt: number; over: Promise<void> }>();
  #call: ScheduledCall | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  readonly #waiting = new Set<() => void>();

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#leases = new Leases(parts.engine);
  }

  async start(): Promise<void> {
    await this.look();
  }

  /** Looks now, and from then on every second. */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Lets go of all runs; what is under way ends, and is found by whoever drives them next. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#call?.cancel();
    await this.#looking;
    const drives = [...this.#drives.values()];
    for (const { drive } of drives) drive.stop();
    await Promise.all(drives.map(({ over }) => over));
    this.#leases.close();
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when whoever drives these runs, here or elsewhere, knows that they were changed. */
  async heard(runs: readonly string[]): Promise<void> {
    await this.look();
    if (!runs.every((id) => this.#drives.has(id))) await sleep(this.#parts.engine.clock, HEARD_WITHIN_MS);
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Resolves after the next look, or when the signal fires. */
  async nextLook(signal?: AbortSignal): Promise<void> {
    if (this.#stopped || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  async #lookWhileAsked(): Promise<void> {
    const { engine, log, isRunning } = this.#parts;
    this.#call?.cancel();
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (isRunning()) await this.#lookOnce();
        else for (const { drive } of this.#drives.values()) drive.stop();
      } catch (error) {
        const code = isParleyError(error) ? error.code : 'ERR_UNAVAILABLE';
        if (isRunning()) log.warn({ code }, 'The runs of campaigns could not be looked at; we look again');
      }
      for (const wake of this.#waiting) wake();
    }
    if (this.#stopped) return;
    this.#call = engine.clock.schedule(LOOK_EVERY_MS, () => void this.look(), true);
  }

  async #lookOnce(): Promise<void> {
    const { store } = this.#parts;
    const listed = await store.list();
    this.hasRuns = listed.length > 0;
    this.isSending = listed.some(({ over }) => over !== true);
    for (const { id, over } of listed) if (over !== true) await this.#lookAt(id);
  }

  async #lookAt(id: string): Promise<void> {
    const { store, engine, adapterOf } = this.#parts;
    const header = await store.header(id);
    if (header === undefined) return;
    const adapter = adapterOf(header.account);
    // Another bot's, in the same database.
    if (adapter === undefined) return;
    const known = this.#drives.get(id);
    const now = engine.clock.elapsed();
    if (known !== undefined) {
      known.drive.update(header);
      if (now - known.beatAt < LEASE_BEAT_MS) return;
      known.beatAt = now;
      if (!(await this.#leases.hold(leaseOf(id)))) known.drive.stop();
      return;
    }
    if (!(await this.#leases.hold(leaseOf(id)))) return;
    const drive = new Drive(this.#parts, adapter, header);
    this.#drives.set(id, { drive, beatAt: now, over: this.#run(drive) });
  }

  /** Never rejects. */
  async #run(drive: Drive): Promise<void> {
    const { store, log } = this.#parts;
    const { id, via } = drive.header;
    try {
      await (via === 'native' ? runNatively(drive) : runByPerson(drive));
      await tellFailure(drive);
      if (!drive.signal.aborted) await store.markOver(id);
    } catch (error) {
      const { code, message } = isParleyError(error) ? error : { code: undefined, message: undefined };
      if (!drive.signal.aborted && this.#parts.isRunning())
        log.error({ run: id, code, reason: message }, 'A run was interrupted; it goes on in a moment');
      await drive.pause(LOOK_EVERY_MS);
    } finally {
      this.#drives.delete(id);
      await this.#leases.release(leaseOf(id)).catch(() => {});
      void this.look();
    }
  }
}

function leaseOf(run: string): string {
  return `run:${run}`;
}
