import type { StoredEvent } from './event-table.js';

/** Crashes after which an event is under suspicion. Fewer are what every deployment may do. */
const SUSPICIOUS = 3;

/**
 * Events whose turns ran more than once when the process died. They are let go one at a time: whichever of them kills the
 * process then does so alone, and the others are not counted as crashed with it.
 */
export class Suspects {
  readonly #held = new Map<string, StoredEvent[]>();
  readonly #letGo: (item: StoredEvent) => void;
  #out: StoredEvent | undefined;

  constructor(letGo: (item: StoredEvent) => void) {
    this.#letGo = letGo;
  }

  get size(): number {
    let size = 0;
    for (const items of this.#held.values()) size += items.length;
    return size;
  }

  /** True if it has to wait: it is under suspicion, or behind one that is. */
  holds(item: StoredEvent): boolean {
    const behind = this.#held.get(item.lane);
    if (behind !== undefined) {
      const later = behind.findIndex(({ order }) => order > item.order);
      behind.splice(later < 0 ? behind.length : later, 0, item);
      return true;
    }
    if (item.crashes < SUSPICIOUS || item === this.#out) return false;
    this.#held.set(item.lane, [item]);
    return true;
  }

  /** The oldest one may begin now, and with it those behind it. */
  next(): void {
    for (const [lane, items] of this.#held) {
      this.#held.delete(lane);
      this.#out = items[0];
      for (const [index, item] of items.entries()) if (index === 0 || !this.holds(item)) this.#letGo(item);
      return;
    }
    this.#out = undefined;
  }

  /** A turn of this event is over, and the process lives. */
  over(item: StoredEvent): void {
    if (item === this.#out) this.next();
  }

  /** Returns those that are erased with these lanes. */
  erase(lanes: ReadonlySet<string>): void {
    for (const lane of lanes) this.#held.delete(lane);
    if (this.#out !== undefined && lanes.has(this.#out.lane)) this.next();
  }

  *items(): IterableIterator<StoredEvent> {
    for (const items of this.#held.values()) yield* items;
  }
}
