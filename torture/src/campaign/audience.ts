import { writeFile } from 'node:fs/promises';
import type { Dice } from '../dice.js';

/** So many rows in a hundred are bad, and so many are there twice. */
const EXTRA_PERCENT = 2;
const MOST_OPTED_OUT = 20;

export interface Audience {
  /** Everybody who is to get it. */
  wanted: ReadonlySet<string>;
  optedOut: readonly string[];
  /** What the report has to say of the others. */
  excluded: { bad_row: number; duplicate: number; opted_out: number };
}

/** Writes a CSV file in which `count` people are to get the message, and some others are not. */
export async function writeAudience(file: string, count: number, dice: Dice): Promise<Audience> {
  const phoneOf = (index: number): string => `+316${String(10_000_000 + index)}`;
  const extra = Math.ceil((count * EXTRA_PERCENT) / 100);
  const out = Math.min(extra, MOST_OPTED_OUT);
  const people = Array.from({ length: count + out }, (_, index) => phoneOf(index));
  const optedOut = people.slice(count);
  const rows = people.map((phone, index) => `${phone},Person ${index}`);
  for (let index = 0; index < extra; index += 1) {
    const again = rows[dice.between(0, count - 1)] as string;
    rows.splice(dice.between(0, rows.length), 0, again);
    rows.push(`nobody,Bad ${index}`);
  }
  await writeFile(file, `phone,name\n${rows.join('\n')}\n`);
  return {
    wanted: new Set(people.slice(0, count)),
    optedOut,
    excluded: { bad_row: extra, duplicate: extra, opted_out: out },
  };
}
