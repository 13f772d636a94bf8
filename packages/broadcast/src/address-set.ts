import { suppressionKey } from './address.js';

/** Remembers addresses. */
export interface AddressSet {
  has(address: string): boolean;
  /** False if it was there already. */
  add(address: string): boolean;
}

/**
 * 11 to 21 bytes for each address: a Set of a million strings would take 100 MB. A phone number is kept exactly, any other address as
 * 64 bits of its hash.
 */
export function createAddressSet(): AddressSet {
  const phones = createPairSet();
  const others = createPairSet();
  const look = (address: string, what: 'has' | 'add'): boolean => {
    if (/^\+[1-9]\d{0,14}$/.test(address)) {
      const digits = Number(address);
      return phones[what](Math.floor(digits / WORD), digits % WORD);
    }
    digest(suppressionKey(address));
    return others[what](digested[0] as number, digested[1] as number);
  };
  return { has: (address) => look(address, 'has'), add: (address) => look(address, 'add') };
}

const WORD = 2 ** 32;

const digested = new Uint32Array(2);

/** Leaves 64 bits of a hash (cyrb53, by bryc) in `digested`. Those of `node:crypto` leave 200 bytes of garbage each. */
function digest(text: string): void {
  let high = 0xdead_beef;
  let low = 0x41c6_ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e37_79b1);
    low = Math.imul(low ^ code, 0x5f35_6495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85eb_ca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2_ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85eb_ca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2_ae35);
  digested[0] = high;
  digested[1] = low || 1;
}

/** A set of pairs of 32 bits, which are not both 0. */
function createPairSet() {
  let size = 0;
  // Open addressing; a slot of two zeros is free.
  let slots = new Uint32Array(2 * 1024);

  /** Where this is, or the free slot where it belongs. */
  const find = (high: number, low: number): number => {
    const mask = slots.length / 2 - 1;
    // Numbers of one country follow each other: multiplied, they spread.
    let slot = (Math.imul(high ^ low, 0x9e37_79b1) >>> 7) & mask;
    for (;;) {
      const at = 2 * slot;
      if (isFree(at) || (slots[at] === high && slots[at + 1] === low)) return at;
      slot = (slot + 1) & mask;
    }
  };
  const isFree = (at: number): boolean => slots[at] === 0 && slots[at + 1] === 0;
  const add = (high: number, low: number): boolean => {
    if (size > (3 * slots.length) / 8) grow();
    const at = find(high, low);
    if (!isFree(at)) return false;
    slots[at] = high;
    slots[at + 1] = low;
    size += 1;
    return true;
  };
  const grow = (): void => {
    const old = slots;
    slots = new Uint32Array(2 * old.length);
    size = 0;
    for (let at = 0; at < old.length; at += 2)
      if (old[at] !== 0 || old[at + 1] !== 0) add(old[at] ?? 0, old[at + 1] ?? 0);
    // Not when the collector comes to it: that may be long after.
    old.buffer.transfer(0);
  };
  return { add, has: (high: number, low: number): boolean => !isFree(find(high, low)) };
}
