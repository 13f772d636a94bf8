import { isDeepStrictEqual } from 'node:util';
import type { Adapter, Backoff, Engine, ErrorCode, Log, ParleyError } from '@parley/core';
import { backoffMs, isParleyError, sleep } from '@parley/core';
import type { RunHeader } from './run-header.js';
import type { RunStore } from './store.js';
import type { SuppressionList } from './suppressions.js';
import { tellPause } from './tell.js';

/** What driving a run takes. */
export interface DriveParts {
  readonly store: RunStore;
  readonly engine: Engine;
  readonly suppressions: SuppressionList;
  readonly log: Log;
  /** Days for which an answer is one to the campaign. */
  readonly attributionDays: number;
  /** Messages of a run under way at once. */
  readonly window: number;
}

/** What concerns the account and not who or what is sent: it would be refused to everybody. */
export const ACCOUNT_WIDE: ReadonlySet<string> = new Set<ErrorCode>(['ERR_AUTHENTICATION', 'ERR_FORBIDDEN']);

const WAITS: Backoff = { firstMs: 1000, maxMs: 60_000 };

/** One failure, or two, are nothing that anybody needs to know of. */
const TELLING_ATTEMPT = 3;

/** What waiting helps against, where doing it again does no harm. */
const PASSES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_RATE_LIMITED',
  'ERR_UNAVAILABLE',
  'ERR_OUTCOME_UNKNOWN',
  'ERR_CONFLICT',
]);

/** A run in the hands of this process, and what is wanted of it. */
export class Drive {
  readonly parts: DriveParts;
  readonly adapter: Adapter;
  /** Fires when this process ends, or another one has taken the run over. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  #header: RunHeader;
  #changed = Promise.withResolvers<void>();
  readonly #stops = new Set<() => void>();
  /** True: the provider has accepted a message of this run from this process. */
  hasSent = false;
  constructor(parts: DriveParts, adapter: Adapter, header: RunHeader) {
    this.parts = parts;
    this.adapter = adapter;
    this.#header = header;
    this.signal = this.#stop.signal;
  }

  get header(): RunHeader {
    return this.#header;
  }

  /** Somebody, here or elsewhere, has changed the run. */
  update(header: RunHeader): void {
    if (isDeepStrictEqual(header, this.#header)) return;
    this.#header = header;
    this.#wake();
  }

  /** Reads what is wanted of the run now. */
  refresh(): Promise<void> {
    return this.change(() => undefined);
  }

  async change(decide: (header: RunHeader) => Partial<RunHeader> | undefined): Promise<void> {
    this.update(await this.parts.store.changeHeader(this.#header.id, decide));
  }

  /**
   * Nothing new leaves until somebody has put this right, and resumes the run.
   *
   * @param changes what else is written with it; undefined: another process has done all this before
   */
  async pauseBecause(
    reason: string,
    changes: (header: RunHeader) => Partial<RunHeader> | undefined = () => ({}),
  ): Promise<void> {
    let isNew = false;
    await this.change((header) => {
      const changed = changes(header);
      isNew = changed !== undefined && header.wanted === 'go';
      return isNew ? { ...changed, wanted: 'pause', reason } : changed;
    });
    const { id: run, account } = this.#header;
    if (!isNew) return;
    this.parts.log.error({ run, account, reason }, 'A run is paused: put this right and resume it');
    await tellPause(this, reason);
  }

  /** Whatever has paused the run is put right. */
  async #goOn(): Promise<void> {
    await this.change(({ wanted, reason }) =>
      wanted === 'go' && reason !== undefined ? { reason: undefined } : undefined,
    );
  }

  /** Ends the run. */
  end(state: RunHeader['state'], reason?: string): Promise<void> {
    return this.change(() => ({
      state,
      endedAt: this.parts.store.isoNow(),
      ...(reason !== undefined && { reason }),
    }));
  }

  stop(): void {
    this.#stop.abort();
    for (const stop of this.#stops) stop();
    this.#wake();
  }

  /** What a promise resolves to; undefined as soon as the run is no longer ours. */
  whileOurs<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.signal.aborted) return Promise.resolve(undefined);
    // Not `Promise.race`: a promise that lasts as long as the run would keep all that it has ever raced with.
    return new Promise((resolve, reject) => {
      const stop = (): void => resolve(undefined);
      this.#stops.add(stop);
      promise.then(resolve, reject).finally(() => this.#stops.delete(stop));
    });
  }

  /** True while something new may begin. */
  get isAllowed(): boolean {
    return !this.signal.aborted && this.#header.wanted === 'go';
  }

  /** Resolves with true as soon as something new may begin, with false if it never may: canceled, or no longer ours. */
  async allowed(): Promise<boolean> {
    while (!this.isAllowed) {
      if (this.signal.aborted || this.#header.wanted === 'cancel') return false;
      await this.#changed.promise;
    }
    if (this.#header.reason !== undefined) await this.#goOn();
    return true;
  }

  /** Resolves after `ms` milliseconds, or earlier when the run changes or is no longer ours. */
  async pause(ms: number): Promise<void> {
    const over = new AbortController();
    const slept = sleep(this.parts.engine.clock, ms, over.signal).catch(() => {});
    await Promise.race([slept, this.#changed.promise]);
    over.abort();
  }

  /** Waits for the time that the run is planned for. False if it may not begin. */
  async reachTime(): Promise<boolean> {
    const { at } = this.#header;
    const due = at === undefined ? 0 : Date.parse(at);
    for (;;) {
      if (this.signal.aborted || this.#header.wanted === 'cancel') return false;
      const left = due - this.parts.store.now();
      if (left <= 0) return this.allowed();
      if (this.#header.state !== 'scheduled') await this.change(() => ({ state: 'scheduled' }));
      else await this.pause(left);
    }
  }

  /**
   * Calls `work` until it succeeds: what is known to pass is waited out. Undefined when the run is no longer ours, or when the provider has
   * not begun with it and never will.
   *
   * @throws what does not pass by waiting
   */
  async untilDone<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; !this.signal.aborted && !this.#isCalledOff; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (this.signal.aborted) return undefined;
        if (!isParleyError(error) || !this.#passes(error)) throw error;
        if (attempt === TELLING_ATTEMPT) this.#tellOutage(error);
        await this.pause(error.retryAfterMs ?? backoffMs(attempt, WAITS, Math.random));
      }
    }
    return undefined;
  }

  get #isCalledOff(): boolean {
    const { via, wanted, native } = this.#header;
    return via === 'native' && wanted === 'cancel' && native?.requestedAt === undefined;
  }

  /** What was paid cannot be paused any more: then a wrong key is waited out, too, until somebody puts it right. */
  #passes({ code }: ParleyError): boolean {
    const isPaid = this.#header.native?.requestedAt !== undefined;
    return PASSES.has(code) || (isPaid && ACCOUNT_WIDE.has(code));
  }

  #tellOutage({ code, message: reason }: ParleyError): void {
    const { id: run, account } = this.#header;
    const text = 'What a run needs of the provider fails for the moment: it goes on as soon as it succeeds';
    this.parts.log.warn({ run, account, code, reason }, text);
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}
