import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { StoredEvent } from './event-table.js';

const SLOT_BYTES = 8;

/**
 * Which turns run right now, in a file of fixed size beside the database: one small write a turn, so that a process that
 * starts after a crash knows which ones may have caused it. It is not flushed to the disk: the machine's own memory outlives
 * the process, and that is what it is for.
 */
export class Running {
  readonly #path: string;
  readonly #bytes = new Float64Array(1);
  readonly #free: number[] = [];
  #slots = 0;
  #fd: number | undefined;

  constructor(file: string) {
    this.#path = `${file}-running`;
  }

  /** The places of events whose turns ran when the last process ended without closing the file. */
  left(): number[] {
    const before = existsSync(this.#path) ? readFileSync(this.#path) : Buffer.alloc(0);
    const left = new Set<number>();
    for (let at = 0; at + SLOT_BYTES <= before.length; at += SLOT_BYTES) left.add(before.readDoubleLE(at));
    left.delete(0);
    return [...left];
  }

  /** From here on turns are written down; what was left is forgotten. */
  open(): void {
    this.#fd = openSync(this.#path, 'w', 0o600);
  }

  begin(item: StoredEvent): void {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#slots;
      this.#slots += 1;
    }
    item.slot = slot;
    this.#write(slot, item.order);
  }

  /** Its turn is done, and so is the event: a number that nobody has any more needs no wiping. */
  end(item: StoredEvent): void {
    if (item.slot === undefined) return;
    this.#free.push(item.slot);
    item.slot = undefined;
  }

  /** Its turn is over and may come again. */
  clear(item: StoredEvent): void {
    if (item.slot === undefined) return;
    this.#write(item.slot, 0);
    this.end(item);
  }

  /** In order: nobody is to blame for anything. */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    rmSync(this.#path, { force: true });
  }

  #write(slot: number, seq: number): void {
    if (this.#fd === undefined) return;
    this.#bytes[0] = seq;
    try {
      writeSync(this.#fd, this.#bytes, 0, SLOT_BYTES, slot * SLOT_BYTES);
    } catch {
      // A full disk: the count of crashes is then missing one, which costs nobody an event.
    }
  }
}
