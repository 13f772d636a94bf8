import { ParleyError } from '@parley/core';
import { stringify } from 'csv-stringify/sync';
import type { ChatIncConfig } from './config.js';
import { toChatIncNumber } from './numbers.js';
import type { ChatIncRows } from './wire/audience.js';

/** A table of people: what it is called in errors, and the columns after the number. */
export interface Table {
  fields: readonly string[];
  /** No number comes twice. */
  distinct?: boolean;
  config: Pick<ChatIncConfig, 'csv' | 'numberFormat' | 'defaultCountryCode'>;
}

export type Row = Readonly<Record<string, unknown>> | string;

export interface CsvFile {
  /** The file, from its begin each time. Only once where the rows can be read only once. */
  bytes(): AsyncGenerator<Uint8Array, void, undefined>;
  /** False: the rows can be read only once. */
  repeatable: boolean;
  /** Filled once the rows were read. */
  warnings: string[];
}

const FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Rows that are written at a time. */
const BATCH = 1_000;

/**
 * Rows as a file: UTF-8 without a byte order mark, RFC 4180, a header, the number first, each number once.
 *
 * Rows that can be read twice are read once before, so that nothing is sent if one of them is wrong, and the last row of a number is
 * the one that counts. Rows that can be read only once are checked on the way: a number that comes again must say the same.
 *
 * @throws ERR_CONFIG naming the row, the first being 1, and the column; never what it says
 */
export async function toCsv(rows: ChatIncRows<Row>, table: Table): Promise<CsvFile> {
  checkFields(table.fields);
  const warnings: string[] = [];
  const isOnce = typeof rows !== 'function' && !Array.isArray(rows);
  const read = (): Iterable<Row> | AsyncIterable<Row> => (typeof rows === 'function' ? rows() : rows);
  if (table.distinct)
    return { bytes: () => write(cellsOf(read(), table), table), repeatable: !isOnce, warnings };
  if (isOnce) {
    return { bytes: () => write(skipRepeated(read(), table, warnings), table), repeatable: false, warnings };
  }
  const last = await lastRowOf(read(), table);
  if (last.size > 0) {
    warnings.push(`${last.size} numbers stand there more than once: the last row of each counts`);
  }
  return { bytes: () => write(onlyLast(read(), table, last), table), repeatable: true, warnings };
}

/** The fields of a row, the number first. */
type Cells = readonly string[];

async function* write(
  rows: AsyncIterable<Cells>,
  { fields, config: { csv } }: Table,
): AsyncGenerator<Uint8Array, void, undefined> {
  const style = { record_delimiter: csv.lineEnding, delimiter: csv.delimiter };
  const toBytes = (batch: readonly Cells[]): Uint8Array => Buffer.from(stringify([...batch], style));
  let batch: Cells[] = [[csv.numberHeader, ...fields]];
  for await (const cells of rows) {
    batch.push(cells);
    if (batch.length < BATCH) continue;
    yield toBytes(batch);
    batch = [];
  }
  if (batch.length > 0) yield toBytes(batch);
}

/** Checks every row. Returns the numbers that stand there more than once, with the place of their last row. */
async function lastRowOf(
  rows: Iterable<Row> | AsyncIterable<Row>,
  table: Table,
): Promise<ReadonlyMap<number, number>> {
  const seen = new Set<number>();
  const last = new Map<number, number>();
  let place = 0;
  for await (const row of rows) {
    place += 1;
    const key = keyOf(toCells(row, place, table));
    if (seen.has(key)) last.set(key, place);
    else seen.add(key);
  }
  return last;
}

async function* cellsOf(
  rows: Iterable<Row> | AsyncIterable<Row>,
  table: Table,
): AsyncGenerator<Cells, void, undefined> {
  let place = 0;
  for await (const row of rows) {
    place += 1;
    yield toCells(row, place, table);
  }
}

async function* onlyLast(
  rows: Iterable<Row> | AsyncIterable<Row>,
  table: Table,
  last: ReadonlyMap<number, number>,
): AsyncGenerator<Cells, void, undefined> {
  let place = 0;
  for await (const row of rows) {
    place += 1;
    const cells = toCells(row, place, table);
    if ((last.get(keyOf(cells)) ?? place) === place) yield cells;
  }
}

async function* skipRepeated(
  rows: Iterable<Row> | AsyncIterable<Row>,
  table: Table,
  warnings: string[],
): AsyncGenerator<Cells, void, undefined> {
  const seen = new Set<number>();
  let place = 0;
  let repeated = 0;
  for await (const row of rows) {
    place += 1;
    const cells = toCells(row, place, table);
    const key = keyOf(cells);
    if (!seen.has(key)) {
      seen.add(key);
      yield cells;
    } else if (table.fields.length === 0) {
      repeated += 1;
    } else {
      throw wrongRow(place, 'number', 'a number that no row before has (or rows that can be read twice)');
    }
  }
  if (repeated > 0) warnings.push(`${repeated} rows repeat a number: left out`);
}

function toCells(row: Row, place: number, { fields, config }: Table): Cells {
  const record = typeof row === 'string' ? { number: row } : row;
  const { number } = record;
  const written = typeof number === 'number' ? String(number) : number;
  if (typeof written !== 'string') throw wrongRow(place, 'number', 'a phone number');
  const cells = [toChatIncNumber(written, config, `row ${place}, number`)];
  for (const field of fields) {
    const value = record[field];
    if (typeof value !== 'string' && typeof value !== 'number') throw wrongRow(place, field, 'a value');
    cells.push(String(value));
  }
  return cells;
}

/** At most 15 digits: exact as a number, and far smaller than a text. */
function keyOf([number = '']: Cells): number {
  return Number(number.replace('+', ''));
}

function checkFields(fields: readonly string[]): void {
  fields.forEach((field, index) => {
    const isFree = field !== 'number' && fields.indexOf(field) === index;
    if (FIELD.test(field) && isFree) return;
    const expected = 'expected letters, digits and "_", not a digit first, each name once, and not "number"';
    throw new ParleyError('ERR_CONFIG', `Chat Inc: fields[${index}]: ${expected}`, {
      problems: [`fields[${index}]: ${expected}`],
    });
  });
}

function wrongRow(place: number, column: string, expected: string): ParleyError {
  const problem = `row ${place}, ${column}: expected ${expected}`;
  return new ParleyError('ERR_CONFIG', `Chat Inc: ${problem}`, { problems: [problem] });
}
