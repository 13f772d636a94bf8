import { type AddressReading, isCountry, NO_COUNTRY, readAddress, readEmail, readPhone } from './address.js';
import type { Place } from './plan-report.js';
import { collectProblems } from './problems.js';
import { type Columns, columnOf, columnsShown, openTable, type Table } from './table.js';

/** A row that cannot be used. `reason` never holds what the row says. */
export interface BadAddressRow extends Place {
  reason: string;
}

/** All addresses of a person, as they are written; or why the row cannot be used. */
export type AddressRow = { addresses: readonly string[] } | BadAddressRow;

/**
 * The addresses in a CSV file, row by row as it is read. They are in the columns in which a campaign finds those of its audience; if it
 * has neither, in one called `address`, as `parley campaign suppressions list` writes it.
 *
 * @param options.country as in a campaign: of phone numbers that are written without one
 * @throws ERR_CONFIG if the file cannot be read, or has no such column
 */
export async function* readAddresses(
  file: string,
  { country }: { country?: string } = {},
): AsyncGenerator<AddressRow, void, undefined> {
  const problems = collectProblems('addresses');
  if (country !== undefined && !isCountry(country)) problems.add('country', NO_COUNTRY);
  const table = await openTable({ file }, 'file', problems);
  problems.throwIfAny();
  // Undefined only together with a problem.
  const { source, columns, rows, placeOf } = table as Table;
  const cells = addressCells(columns, country);
  if (cells.length === 0)
    problems.add(source, `there is no column phone, email or address: ${columnsShown(columns.names)}`);
  problems.throwIfAny();
  for await (const batch of rows()) {
    for (const row of batch) {
      const found = 'reason' in row ? row : addressesIn(row.cells, cells);
      yield 'reason' in found ? { ...placeOf(row.line), reason: found.reason } : found;
    }
  }
}

/** Where in a row an address is, and how it is read there. */
interface AddressCell {
  column: number;
  read(text: string): AddressReading;
}

function addressCells(columns: Columns, country: string | undefined): AddressCell[] {
  const { phone, email } = columns;
  const cells: AddressCell[] = [];
  if (phone !== undefined) cells.push({ column: phone, read: (text) => readPhone(text, country) });
  if (email !== undefined) cells.push({ column: email, read: readEmail });
  // Beside one of those it is where people live.
  const address = cells.length === 0 ? columnOf(columns, 'address') : undefined;
  if (address !== undefined) cells.push({ column: address, read: (text) => readAddress(text, country) });
  return cells;
}

function addressesIn(
  row: readonly string[],
  cells: readonly AddressCell[],
): { addresses: string[] } | { reason: string } {
  const addresses: string[] = [];
  for (const { column, read } of cells) {
    const text = row[column] ?? '';
    if (text.trim() === '') continue;
    const reading = read(text);
    if ('reason' in reading) return reading;
    addresses.push(reading.value);
  }
  return addresses.length > 0 ? { addresses } : { reason: 'has no address' };
}
