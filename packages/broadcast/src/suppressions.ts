import { createHash } from 'node:crypto';
import { suppressionKey, toAddress } from './address.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** An address that gets no campaign any more. */
export interface Suppression {
  address: string;
  /** ISO 8601, UTC. */
  at: string;
  /** `opted_out`: the person said so. Otherwise the application's word. */
  why: string;
}

/**
 * Addresses that no campaign writes to, at no account: one list for all. Kept until they are removed.
 *
 * An address is a phone number or an e-mail address, as people write it. One that cannot be is refused with ERR_CONFIG.
 */
export interface Suppressions {
  /** @param why a word of yours. Default `manual` */
  add(address: string, why?: string): Promise<void>;
  /**
   * As `add`, for any number of addresses: they are read as they are stored, some ten thousand at a time. Returns how many are new; whoever
   * is there keeps time and word. If it fails, the first ones may be there: do it again.
   */
  addAll(addresses: Iterable<string> | AsyncIterable<string>, why?: string): Promise<number>;
  /** False if it was not there. */
  remove(address: string): Promise<boolean>;
  has(address: string): Promise<boolean>;
  find(address: string): Promise<Suppression | undefined>;
  list(): AsyncIterable<Suppression>;
}

/** @param state an engine, or a running bot's operations with a clock */
export function openSuppressions(state: StateAccess): Suppressions {
  return new SuppressionList(state);
}

type Shelf = Record<string, Omit<Suppression, 'address'>>;

/** So many entries share the list: adding one rewrites a small part of it. */
const SHELVES = 64;

/** Addresses that are sorted by shelf in memory, so that each shelf is written once for so many. */
const BATCH = 50_000;

/** Counts the changes: who has read the list knows by one look whether it is still that list. */
const CHANGES: Place = { scope: 'broadcast', kind: 'suppressions' };

export class SuppressionList implements Suppressions {
  readonly #state: StateAccess;
  #known: { changes: number; addresses: ReadonlySet<string> } | undefined;

  constructor(state: StateAccess) {
    this.#state = state;
  }

  async add(address: string, why?: string): Promise<void> {
    await this.addAll([address], why);
  }

  async addAll(addresses: Iterable<string> | AsyncIterable<string>, why = 'manual'): Promise<number> {
    const entry = { at: new Date(this.#state.clock.now()).toISOString(), why };
    const keys = new Set<string>();
    let added = 0;
    for await (const address of addresses) {
      keys.add(keyOf(address));
      if (keys.size < BATCH) continue;
      added += await this.#addBatch(keys, entry);
      keys.clear();
    }
    return added + (await this.#addBatch(keys, entry));
  }

  async remove(address: string): Promise<boolean> {
    const key = keyOf(address);
    let removed = false;
    await change<Shelf>(this.#state, placeOf(shelfOf(key)), (shelf = {}) => {
      const { [key]: _, ...rest } = shelf;
      removed = Object.hasOwn(shelf, key);
      return removed ? { value: rest } : undefined;
    });
    await this.#changed();
    return removed;
  }

  async has(address: string): Promise<boolean> {
    return (await this.find(address)) !== undefined;
  }

  async find(address: string): Promise<Suppression | undefined> {
    const key = keyOf(address);
    const shelf = (await read<Shelf>(this.#state, placeOf(shelfOf(key)))) ?? {};
    const entry = Object.hasOwn(shelf, key) ? shelf[key] : undefined;
    return entry && { address: key, ...entry };
  }

  async *list(): AsyncGenerator<Suppression, void, undefined> {
    for (let shelf = 0; shelf < SHELVES; shelf += 1) {
      const entries = Object.entries((await read<Shelf>(this.#state, placeOf(shelf))) ?? {});
      for (const [address, { at, why }] of entries) yield { address, at, why };
    }
  }

  /** For each address whether it is on the list now. The list is read again only if it has changed. */
  async areSuppressed(addresses: readonly string[]): Promise<boolean[]> {
    const changes = (await read<number>(this.#state, CHANGES)) ?? 0;
    if (this.#known?.changes !== changes) this.#known = { changes, addresses: await this.#all() };
    const { addresses: known } = this.#known;
    return addresses.map((address) => known.has(suppressionKey(address)));
  }

  async #all(): Promise<ReadonlySet<string>> {
    const places = Array.from({ length: SHELVES }, (_, shelf) => placeOf(shelf));
    const shelves = await Promise.all(places.map((place) => read<Shelf>(this.#state, place)));
    return new Set(shelves.flatMap((shelf) => Object.keys(shelf ?? {})));
  }

  async #addBatch(keys: ReadonlySet<string>, entry: Shelf[string]): Promise<number> {
    let added = 0;
    for (const [shelf, some] of Map.groupBy(keys, shelfOf)) {
      const wanted: Shelf = Object.fromEntries(some.map((key) => [key, entry]));
      let isNew = 0;
      await change<Shelf>(this.#state, placeOf(shelf), (known = {}) => {
        const value = { ...wanted, ...known };
        isNew = Object.keys(value).length - Object.keys(known).length;
        return isNew === 0 ? undefined : { value };
      });
      added += isNew;
    }
    // Also if all were there: whoever wrote them may have died before it counted.
    await this.#changed();
    return added;
  }

  async #changed(): Promise<void> {
    await change<number>(this.#state, CHANGES, (changes = 0) => ({ value: changes + 1 }));
  }
}

/** @throws ERR_CONFIG if there can be no such address */
function keyOf(address: string): string {
  return suppressionKey(toAddress(address));
}

function shelfOf(key: string): number {
  return (createHash('sha256').update(key).digest()[0] as number) % SHELVES;
}

function placeOf(shelf: number): Place {
  return { scope: `broadcast/suppressions/${shelf}`, kind: 'shelf' };
}
