import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Parser, parse } from 'csv-parse';
import { invalid } from './errors.js';

/** Takes the header, and gives what takes each row after it. Either may throw. */
export type ReadRows = (header: string[]) => (row: string[], line: number) => void;

interface CsvOptions {
  /** Rows with too few or too many cells are left out. */
  skipBadRows: boolean;
}

const LONGEST_HEADER_BYTES = 64 * 1024;

/**
 * Reads a CSV file row by row: with or without byte order mark, with any line ends; cells are divided by commas, or by
 * semicolons or tabs where the header has no comma. The file is read to its end in any case, so that whoever uploads it can finish.
 *
 * @returns what is wrong with the file
 */
export async function readCsv(
  file: Readable,
  readRows: ReadRows,
  options: CsvOptions,
): Promise<Error | undefined> {
  let head = Buffer.alloc(0);
  let reading: Reading | undefined;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    if (reading?.problem !== undefined) continue;
    if (reading === undefined) {
      head = Buffer.concat([head, chunk]);
      if (!head.includes('\n') && head.length < LONGEST_HEADER_BYTES) continue;
      reading = startReading(head, readRows, options);
    } else if (!reading.parser.write(chunk)) {
      await once(reading.parser, 'drain').catch(() => undefined);
    }
  }
  reading ??= startReading(head, readRows, options);
  if (!reading.parser.destroyed) await finished(reading.parser.end()).catch(() => undefined);
  return reading.problem ?? (reading.takeRow === undefined ? invalid('file: has no header') : undefined);
}

interface Reading {
  parser: Parser;
  problem?: Error;
  /** Known once the header has been read. */
  takeRow?: ReturnType<ReadRows>;
}

function startReading(head: Buffer, readRows: ReadRows, { skipBadRows }: CsvOptions): Reading {
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(head.toString('utf8').split('\n', 1)[0] ?? ''),
    skip_empty_lines: true,
    skip_records_with_error: skipBadRows,
    on_record: (row: string[], { lines }) => {
      if (reading.takeRow === undefined) reading.takeRow = readRows(row);
      else reading.takeRow(row, lines);
      // Nothing is kept: a file may have a million rows.
      return null;
    },
  });
  const reading: Reading = { parser };
  parser.on('error', (error: Error & { code?: string }) => {
    reading.problem ??= error.code?.startsWith('CSV_') ? invalid(`file: ${error.message}`) : error;
  });
  parser.resume();
  parser.write(head);
  return reading;
}

function delimiterOf(header: string): string {
  return [',', ';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}
