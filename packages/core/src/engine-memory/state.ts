import type { Clock } from '../clock.js';
import type { StateEntry, StateWrite } from '../engine.js';

const TICK_MS = 10;
const NEVER = -1;

/** One kind of state of a scope. The few kinds of a scope hang together as a list: one look-up finds them all. */
class Entry implements StateEntry {
  readonly kind: string;
  readonly value: string;
  readonly version: number;
  /**
   * In ticks of 10 ms since the state was made, rounded up; -1: never. V8 keeps such a number in place for eight months to
   * come, and one of milliseconds since 1970 in an object of its own.
   */
  readonly expiresAtTick: number;
  readonly subject: string | undefined;
  next: Entry | undefined;

  constructor(write: StateWrite & { value: string }, version: number, expiresAtTick: number, next?: Entry) {
    this.kind = write.kind;
    this.value = write.value;
    this.version = version;
    this.expiresAtTick = expiresAtTick;
    this.subject = write.subject;
    this.next = next;
  }
}

/** Scopes looked at per write: every expired entry goes within half as many writes as there are scopes. */
const SWEPT_PER_WRITE = 2;

/** State with compare-and-set and expiry. The sweep rides on the writes, so its cost is flat and no timer is needed. */
export class State {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #scopes = new Map<string, Entry>();
  #sweep: MapIterator<[string, Entry]> | undefined;
  /** Grows over all scopes, so that a removed and re-created entry never gets an old version again. */
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  read(scope: string, kind: string): StateEntry | undefined {
    return this.#find(this.#scopes.get(scope), kind, this.#clock.now());
  }

  readAll(scope: string, kinds: readonly string[]): readonly (StateEntry | undefined)[] {
    const first = this.#scopes.get(scope);
    if (first === undefined) return kinds.map(() => undefined);
    const now = this.#clock.now();
    return kinds.map((kind) => this.#find(first, kind, now));
  }

  /** Forgets a scope and returns how many entries it had. */
  erase(scope: string): number {
    let erased = 0;
    for (let entry = this.#scopes.get(scope); entry !== undefined; entry = entry.next) erased += 1;
    this.#scopes.delete(scope);
    return erased;
  }

  /** The scopes with state about one of these contacts. Looks at all there are: erasing is rare. */
  scopesAbout(subjects: ReadonlySet<string>): string[] {
    const scopes: string[] = [];
    for (const [scope, first] of this.#scopes) {
      for (let entry: Entry | undefined = first; entry !== undefined; entry = entry.next) {
        if (entry.subject === undefined || !subjects.has(entry.subject)) continue;
        scopes.push(scope);
        break;
      }
    }
    return scopes;
  }

  /** All or nothing: false if any version is no longer the current one. */
  commit(writes: readonly StateWrite[]): boolean {
    const now = this.#clock.now();
    for (const { scope, kind, version } of writes) {
      if ((this.#find(this.#scopes.get(scope), kind, now)?.version ?? 0) !== version) return false;
    }
    for (const write of writes) this.#apply(write, now);
    return true;
  }

  /** How many scopes hold anything. */
  get size(): number {
    return this.#scopes.size;
  }

  #find(first: Entry | undefined, kind: string, now: number): Entry | undefined {
    for (let entry = first; entry !== undefined; entry = entry.next) {
      if (entry.kind === kind) return this.#isExpired(entry, now) ? undefined : entry;
    }
    return undefined;
  }

  /** A new object each time: whoever read the old one keeps its value and version. */
  #apply(write: StateWrite, now: number): void {
    const { scope, kind, value } = write;
    const subject = write.subject ?? this.#find(this.#scopes.get(scope), kind, now)?.subject;
    const rest = this.#without(scope, (entry) => entry.kind === kind);
    if (value === undefined) this.#keep(scope, rest);
    else {
      this.#version += 1;
      const tick = this.#tickOf(write.expiresAt);
      this.#scopes.set(scope, new Entry({ ...write, value, subject }, this.#version, tick, rest));
    }
    this.#sweepSome(now);
  }

  /** The list of a scope without what `leaves` names. */
  #without(scope: string, leaves: (entry: Entry) => boolean): Entry | undefined {
    let first = this.#scopes.get(scope);
    while (first !== undefined && leaves(first)) first = first.next;
    for (let entry = first; entry !== undefined; entry = entry.next) {
      while (entry.next !== undefined && leaves(entry.next)) entry.next = entry.next.next;
    }
    return first;
  }

  #keep(scope: string, first: Entry | undefined): void {
    if (first === undefined) this.#scopes.delete(scope);
    else this.#scopes.set(scope, first);
  }

  #isExpired({ expiresAtTick }: Entry, now: number): boolean {
    return expiresAtTick !== NEVER && now - this.#startedAt >= expiresAtTick * TICK_MS;
  }

  #tickOf(expiresAt: number | undefined): number {
    if (expiresAt === undefined) return NEVER;
    return Math.max(0, Math.ceil((expiresAt - this.#startedAt) / TICK_MS));
  }

  #sweepSome(now: number): void {
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked += 1) {
      this.#sweep ??= this.#scopes.entries();
      const step = this.#sweep.next();
      if (step.done) {
        this.#sweep = undefined;
        return;
      }
      const [scope, first] = step.value;
      if (this.#hasExpired(first, now))
        this.#keep(
          scope,
          this.#without(scope, (entry) => this.#isExpired(entry, now)),
        );
    }
  }

  #hasExpired(first: Entry, now: number): boolean {
    for (let entry: Entry | undefined = first; entry !== undefined; entry = entry.next) {
      if (this.#isExpired(entry, now)) return true;
    }
    return false;
  }
}
