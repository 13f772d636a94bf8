import { readEmail, readPhone, suppressionKey } from './address.js';
import type { Placeholder } from './placeholders.js';
import type { BadRow } from './plan-report.js';
import type { Problems } from './problems.js';
import { type Columns, columnOf, columnsShown, type Table } from './table.js';

/** The values of one group that the template needs, by person. */
export interface Group {
  /**
   * In the order of the placeholders it was read for. Undefined: the group has no row of this person, whose first address is the one
   * that is written to.
   */
  valuesOf(addresses: readonly string[]): readonly string[] | undefined;
}

/** Groups are held in memory, so that the audience need not be: about this many characters of them. */
const MAX_SIZE = 50_000_000;
/** What a row costs beside its words. */
const ROW_SIZE = 100;

interface GroupRow {
  /** If there are several: a single one is what the row was found by. */
  addresses: readonly string[];
  values: readonly string[];
}

const ONLY_ONE: readonly string[] = [];

/** In place of a row: people share this address, and it does not tell whose values these are. */
const SHARED = null;

/** The addresses that a row is known by: both, if it has both. Wrong ones are for others to complain about. */
export function addressesIn(
  cells: readonly string[],
  { phone, email }: Columns,
  country: string | undefined,
): string[] {
  const readings = [
    ...(phone === undefined ? [] : [readPhone(cells[phone] ?? '', country)]),
    ...(email === undefined ? [] : [readEmail(cells[email] ?? '')]),
  ];
  return readings.flatMap((reading) => ('value' in reading ? [suppressionKey(reading.value)] : []));
}

/** Where the values of these placeholders stand in a row. Undefined if a column is missing: then `problems` says so. */
export function columnsFor(
  table: Table,
  placeholders: readonly Placeholder[],
  problems: Problems,
): number[] | undefined {
  const found = placeholders.map(({ field, key }) => {
    const column = columnOf(table.columns, field);
    if (column === undefined)
      problems.add(table.source, `there is no column for {${key}}: ${columnsShown(table.columns.names)}`);
    return column;
  });
  return found.every((column) => column !== undefined) ? found : undefined;
}

/**
 * Reads a group. `onBadRow` hears of every row that cannot be used.
 *
 * Adds a problem and reads no further if the group is too big to be held.
 */
export async function readGroup(
  table: Table,
  columns: readonly number[],
  country: string | undefined,
  problems: Problems,
  onBadRow: (row: BadRow) => void,
): Promise<Group> {
  const rows = new Map<string, GroupRow | typeof SHARED>();
  const isTaken = (address: string, values: readonly string[]): boolean => {
    const known = rows.get(address);
    return known !== undefined && !isSame(known?.values, values);
  };
  let size = 0;
  const bad = (line: number, reason: string): void =>
    onBadRow({ ...table.placeOf(line), exclusion: 'bad_row', reason });
  for await (const batch of table.rows()) {
    for (const row of batch) {
      if ('reason' in row) {
        bad(row.line, row.reason);
        continue;
      }
      const addresses = addressesIn(row.cells, table.columns, country);
      const values = columns.map((column) => row.cells[column]?.trim() ?? '');
      // The phone number, if there is one: two of them that share an e-mail address are two people.
      const [who] = addresses;
      if (who === undefined)
        bad(row.line, 'has neither a phone number nor an e-mail address that can be one');
      else if (isTaken(who, values))
        bad(row.line, 'another row has other values for the same person: keep one of them');
      else {
        const kept = { addresses: addresses.length > 1 ? addresses : ONLY_ONE, values };
        for (const address of addresses) rows.set(address, isTaken(address, values) ? SHARED : kept);
      }
      size += values.reduce((sum, value) => sum + value.length, ROW_SIZE);
    }
    if (size > MAX_SIZE) {
      problems.add(table.source, 'too many values to be held in memory: make them columns of the audience');
      break;
    }
  }
  return {
    valuesOf: (addresses) =>
      addresses
        .map((address) => rows.get(address) ?? undefined)
        .find((row) => row !== undefined && isOf(row, addresses[0] ?? ''))?.values,
  };
}

/** Not if it names another phone number than the one that is written to, or another e-mail address. */
function isOf({ addresses }: GroupRow, to: string): boolean {
  return addresses.every((address) => address === to || address.includes('@') !== to.includes('@'));
}

function isSame(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one?.length === other.length && one.every((value, index) => value === other[index]);
}
