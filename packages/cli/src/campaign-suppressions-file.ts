import { type AddressRow, type BadAddressRow, readAddresses } from '@parley/broadcast';
import { withSuppressions } from './campaign-host.js';
import { type BadRows, badRowsText } from './campaign-report.js';
import { columns } from './columns.js';
import type { EngineGiven } from './operate.js';

export interface AddressFile {
  file: string;
  why: string;
  skipBad: boolean;
  country?: string;
}

/** What became of the addresses in a file. */
export interface AddedReport extends BadRows {
  rows: number;
  /** Addresses that are new on the list. */
  added: number;
}

const MOST_BAD_ROWS = 100_000;

/** Nothing is added if there are bad rows that may not be left out: so the file is read twice, and the engine is held for the second time only. */
export async function addFile(
  given: EngineGiven,
  { file, why, skipBad, ...options }: AddressFile,
): Promise<AddedReport> {
  const badRows: BadAddressRow[] = [];
  let rows = 0;
  let badRowCount = 0;
  for await (const row of readAddresses(file, options)) {
    rows += 1;
    if (!('reason' in row)) continue;
    badRowCount += 1;
    if (badRows.length < MOST_BAD_ROWS) badRows.push(row);
  }
  const report = { rows, badRowCount, badRows };
  if (badRowCount > 0 && !skipBad) return { ...report, added: 0 };
  const addresses = addressesIn(readAddresses(file, options));
  const added = await withSuppressions(given, (kept) => kept.addAll(addresses, why), true);
  return { ...report, added };
}

async function* addressesIn(rows: AsyncIterable<AddressRow>): AsyncGenerator<string> {
  for await (const row of rows) if ('addresses' in row) yield* row.addresses;
}

export function addedText({ rows, added, ...bad }: AddedReport): string {
  const figures = columns([
    ['rows', String(rows)],
    ['bad rows', String(bad.badRowCount)],
    ['added', String(added)],
  ]);
  return figures + badRowsText(bad);
}
