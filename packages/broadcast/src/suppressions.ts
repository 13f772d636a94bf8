import { createHash } from 'node:crypto';
import { suppressionKey } from './address.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** An address that gets no campaign any more. */
export interface Suppression {
  address: string;
  /** ISO 8601, UTC. */
  at: string;
  /** `opted_out`: the person said so. Otherwise the application's word. */
  why: string;
}

/** Addresses that no campaign writes to, at no account: one list for all. Kept until they are removed. */
export interface Suppressions {
  /** @param address a phone number (E.164) or an e-mail address; in any case */
  add(address: string, why?: string): Promise<void>;
  /** False if it was not there. */
  remove(address: string): Promise<boolean>;
  has(address: string): Promise<boolean>;
  list(): AsyncIterable<Suppression>;
}

type Shelf = Record<string, Omit<Suppression, 'address'>>;

/** So many entries share the list: adding one rewrites a small part of it. */
const SHELVES = 64;

/** Counts the changes: who has read the list knows by one look whether it is still that list. */
const CHANGES: Place = { scope: 'broadcast', kind: 'suppressions' };

export class SuppressionList implements Suppressions {
  readonly #state: StateAccess;
  #known: { changes: number; addresses: ReadonlySet<string> } | undefined;

  constructor(state: StateAccess) {
    this.#state = state;
  }

  async add(address: string, why = 'manual'): Promise<void> {
    const key = suppressionKey(address.trim());
    const at = new Date(this.#state.clock.now()).toISOString();
    await change<Shelf>(this.#state, shelfOf(key), (shelf = {}) =>
      Object.hasOwn(shelf, key) ? undefined : { value: { ...shelf, [key]: { at, why } } },
    );
    // Also if it was there: whoever wrote it may have died before it counted.
    await this.#changed();
  }

  async remove(address: string): Promise<boolean> {
    const key = suppressionKey(address.trim());
    let removed = false;
    await change<Shelf>(this.#state, shelfOf(key), (shelf = {}) => {
      const { [key]: one, ...rest } = shelf;
      removed = one !== undefined;
      return removed ? { value: rest } : undefined;
    });
    await this.#changed();
    return removed;
  }

  async has(address: string): Promise<boolean> {
    const key = suppressionKey(address.trim());
    const shelf = await read<Shelf>(this.#state, shelfOf(key));
    return shelf !== undefined && Object.hasOwn(shelf, key);
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

  async #changed(): Promise<void> {
    await change<number>(this.#state, CHANGES, (changes = 0) => ({ value: changes + 1 }));
  }
}

function shelfOf(key: string): Place {
  return placeOf((createHash('sha256').update(key).digest()[0] as number) % SHELVES);
}

function placeOf(shelf: number): Place {
  return { scope: `broadcast/suppressions/${shelf}`, kind: 'shelf' };
}
