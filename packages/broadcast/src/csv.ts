import { ParleyError } from '@parley/core';
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/** A row with the line it begins at, the first being 1; or why it cannot be used, without what it says. */
export type CsvRow = { line: number; cells: readonly string[] } | { line: number; reason: string };

/** More than this is no row: somewhere a quote was opened and not closed. */
const MAX_ROW_BYTES = 65_536;

const BAD_QUOTE =
  'a quote (") is not closed, or stands inside a cell: write it twice there, and put the cell into quotes';
const TOO_LONG = 'is longer than 64 KB: a cell is too long, or a quote (") is opened and not closed';
const NOT_UTF8 = 'holds characters that are not UTF-8: save the file as "CSV UTF-8"';

/**
 * The rows of a CSV file, the columns' names first, about a hundred at a time. A bad row costs no other: reading
 * goes on in the line after its first one.
 *
 * `,`, `;` or tab between cells, whichever makes most columns of the first line; any line end; with or without byte order mark;
 * UTF-8. Lines without a word in them are left out.
 *
 * @throws ERR_CONFIG if it is no CSV file in UTF-8
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow[]> {
  let rest: Buffer = Buffer.alloc(0);
  let read: BlockReader | undefined;
  let size = PIECE_BYTES;
  function* blocks(isLast: boolean): Generator<CsvRow[]> {
    while (isLast ? rest.length > 0 : rest.length >= size) {
      // Of the first line, its end shows what a line end looks like, and its whole what stands between cells.
      read ??= blockReader(rest);
      const { rows, used } = read(rest.subarray(0, size), isLast && size >= rest.length);
      rest = rest.subarray(used);
      // So that a quote that is not closed for long is not read again and again.
      size = used === 0 ? 2 * size : PIECE_BYTES;
      if (size > 16 * MAX_ROW_BYTES) throw notCsv();
      yield rows;
    }
  }
  for await (const piece of piecesOf(chunks)) {
    rest = Buffer.concat([rest, piece]);
    if (read !== undefined || rest.length >= MAX_ROW_BYTES) yield* blocks(false);
  }
  yield* blocks(true);
}

/** About a hundred rows: what is alive at once stays small, and with it what the collector lets the heap grow to. */
const PIECE_BYTES = 4096;

async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
  }
}

function notCsv(): ParleyError {
  return new ParleyError('ERR_CONFIG', 'is not a CSV file in UTF-8: save it as "CSV UTF-8"');
}

/** Reads the rows that are whole, and tells how many bytes they are. */
type BlockReader = (block: Buffer, isLast: boolean) => { rows: CsvRow[]; used: number };

const BOM = Buffer.from('\uFEFF');

function blockReader(head: Buffer): BlockReader {
  // UTF-16, which spreadsheets call "Unicode text", is half zeros.
  if (head.includes(0)) throw notCsv();
  const newline = head.includes('\n') ? '\n' : '\r';
  const record_delimiter = newline === '\n' ? ['\r\n', '\n'] : ['\r'];
  const delimiter = delimiterOf(head, record_delimiter);
  let toSkip = head.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
  let line = 1;
  let columns: number | undefined;

  return (block, isLast) => {
    const rows: CsvRow[] = [];
    const end = isLast ? block.length : block.lastIndexOf(newline) + 1;
    let used = toSkip;
    toSkip = 0;
    const add = (cells: string[], after: number): null => {
      const lines = linesIn(block, used, after, newline);
      if (!cells.every(isBlank)) {
        columns ??= cells.length;
        if (cells.length !== columns && lines > 1) throw new UnclosedQuote();
        rows.push(checkRow(line, cells, columns));
        // Whatever the parser holds on to, it is not what people are called.
        cells.length = 0;
      }
      used = after;
      line += lines;
      return null;
    };
    const leaveOut = (reason: string): void => {
      rows.push({ line, reason });
      const next = block.indexOf(newline, used);
      used = next === -1 ? end : next + 1;
      line += 1;
    };
    while (used < end) {
      const from = used;
      try {
        parse(block.subarray(from, end), {
          delimiter,
          record_delimiter,
          max_record_size: MAX_ROW_BYTES,
          relax_column_count: true,
          on_record: (cells: string[], { bytes }) => add(cells, from + bytes),
        });
        used = end;
      } catch (error) {
        if (!(error instanceof CsvError) && !(error instanceof UnclosedQuote)) throw error;
        const isOpen = error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED';
        // It may be closed in the next block.
        if (isOpen && !isLast && end - used < MAX_ROW_BYTES) break;
        const isTooLong = error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE';
        leaveOut(isTooLong ? TOO_LONG : BAD_QUOTE);
        // What was read to find that out may be many rows: they are for smaller blocks.
        break;
      }
    }
    return { rows, used };
  };
}

/** Several lines, and not as many cells as there are columns: a quote that another row has closed. */
class UnclosedQuote extends Error {}

function linesIn(block: Buffer, from: number, to: number, newline: string): number {
  let lines = 0;
  for (let at = block.indexOf(newline, from); at !== -1 && at < to; at = block.indexOf(newline, at + 1))
    lines += 1;
  return Math.max(lines, 1);
}

function isBlank(cell: string): boolean {
  return cell.trim() === '';
}

function checkRow(line: number, cells: readonly string[], columns: number): CsvRow {
  if (cells.length < columns || !cells.slice(columns).every(isBlank))
    return { line, reason: `has ${cells.length} cells, and the first line has ${columns}` };
  if (cells.some((cell) => cell.includes('\uFFFD'))) return { line, reason: NOT_UTF8 };
  return new Row(line, cells.slice(0, columns));
}

/**
 * A class, as are those of `people.ts`: of a literal that makes long-lived objects once, V8 believes that it always does, and keeps all
 * that it makes, with what that refers to, until the next full collection. A million rows then take 330 MB in place of 170.
 */
class Row {
  readonly line: number;
  readonly cells: readonly string[];

  constructor(line: number, cells: readonly string[]) {
    this.line = line;
    this.cells = cells;
  }
}

/** By the first line alone: cells below may hold prices and addresses. */
function delimiterOf(head: Buffer, record_delimiter: string[]): string {
  const columnsBy = (delimiter: string): number => {
    try {
      return (
        parse(head, { delimiter, record_delimiter, relax_quotes: true, bom: true, to: 1 })[0]?.length ?? 0
      );
    } catch {
      return 0;
    }
  };
  return [',', ';', '\t'].reduce((best, each) => (columnsBy(each) > columnsBy(best) ? each : best));
}

/** What a spreadsheet takes for a formula, and what only looks like one: a number, a phone number. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const NUMBER = /^[+-]?\d+([.,]\d+)?$/;

/** Rows as CSV text, piece by piece. A cell that a spreadsheet would run as a formula gets a `'` before it. */
export async function* writeCsv(
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<string> {
  let batch = [columns.map(unarmed)];
  for await (const row of rows) {
    batch.push(row.map(unarmed));
    if (batch.length < 500) continue;
    yield toCsv(batch);
    batch = [];
  }
  if (batch.length > 0) yield toCsv(batch);
}

function unarmed(cell: string): string {
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

function toCsv(rows: string[][]): string {
  return stringify(rows, { quoted_match: /[\r\n]/ });
}
