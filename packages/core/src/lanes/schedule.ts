import type { Clock, ScheduledCall } from '../clock.js';

interface Entry<T> {
  readonly id: string;
  readonly at: number;
  readonly item: T;
}

/** A machine's clock may be set while we wait: how late that is noticed at the most. */
const LONGEST_WAIT_MS = 60_000;

/** Things that become due at a time of the clock, each known by an id. Hands them out in the order of their times. */
export class Schedule<T> {
  readonly #clock: Clock;
  readonly #onDue: (due: readonly T[]) => void;
  readonly #byId = new Map<string, Entry<T>>();
  readonly #entries: Entry<T>[] = [];
  #alarm: ScheduledCall | undefined;
  #running = false;

  constructor(clock: Clock, onDue: (due: readonly T[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Hands out what is due from now on. */
  start(): void {
    this.#running = true;
    this.#wind();
  }

  stop(): void {
    this.#running = false;
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.item;
  }

  values(): T[] {
    return this.#entries.map(({ item }) => item);
  }

  /** Replaces what has the same id. */
  set(id: string, at: number, item: T): void {
    this.delete(id);
    const entry = { id, at, item };
    this.#byId.set(id, entry);
    this.#entries.splice(this.#placeFor(at), 0, entry);
    if (this.#entries[0] === entry) this.#wind();
  }

  delete(id: string): T | undefined {
    const entry = this.#byId.get(id);
    if (entry === undefined) return undefined;
    this.#byId.delete(id);
    let place = this.#placeFor(entry.at) - 1;
    while (this.#entries[place] !== entry) place -= 1;
    this.#entries.splice(place, 1);
    return entry.item;
  }

  #wind(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    const next = this.#entries[0];
    if (next === undefined || !this.#running) return;
    const wait = Math.min(Math.max(next.at - this.#clock.now(), 0), LONGEST_WAIT_MS);
    this.#alarm = this.#clock.schedule(wait, () => this.#ring());
  }

  #ring(): void {
    const now = this.#clock.now();
    const due: T[] = [];
    for (let next = this.#entries[0]; next !== undefined && next.at <= now; next = this.#entries[0]) {
      this.#entries.shift();
      this.#byId.delete(next.id);
      due.push(next.item);
    }
    this.#wind();
    if (due.length > 0) this.#onDue(due);
  }

  /** Behind everything that is due at the same moment or earlier. */
  #placeFor(at: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Entry<T>).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
