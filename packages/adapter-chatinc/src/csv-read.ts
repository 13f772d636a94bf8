import { pipeline, Readable } from 'node:stream';
import { isParleyError, ParleyError } from '@parley/core';
import { parse } from 'csv-parse';
import { beginOf } from './text-begin.js';
import { plainName } from './wire/unwrap.js';

const NUMBER_COLUMNS = ['number', 'phone', 'phonenumber', 'msisdn', 'mobile', 'cell', 'to', 'recipient'];
/** A quote that is never closed would hold everything after it. */
const LONGEST_ROW = 2 ** 20;

/**
 * The rows of a CSV text, as they come. Accepts a byte order mark, any line end, and `;` or tab where the header has no comma.
 * The column of the number is called `number` and that of the action `action`, whatever it is called there; the others keep their names.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD if there is no column of numbers, or it is no CSV
 */
export async function* readCsv(
  texts: AsyncIterable<string>,
  from: string,
): AsyncGenerator<Record<string, string>, void, undefined> {
  const { begin, all } = await beginOf(texts, (text) => /[\r\n]/.test(text));
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(begin),
    max_record_size: LONGEST_ROW,
    columns: (header: string[]) => namesOf(header, from),
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // What breaks the text breaks the parser, too: it is told to whoever reads the rows.
  pipeline(Readable.from(all), parser, () => {});
  try {
    for await (const row of parser) yield row as Record<string, string>;
  } catch (error) {
    if (isParleyError(error)) throw error;
    // The parser's own words quote the text.
    throw notCsv(from, 'well-formed CSV');
  }
}

function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const header = end === -1 ? text : text.slice(0, end);
  if (header.includes(',')) return ',';
  if (header.includes(';')) return ';';
  return header.includes('\t') ? '\t' : ',';
}

function namesOf(header: readonly string[], from: string): string[] {
  const plain = header.map(plainName);
  const column = NUMBER_COLUMNS.map((name) => plain.indexOf(name)).find((index) => index !== -1);
  if (column === undefined) throw notCsv(from, 'a column called number');
  return header.map((name, index) => {
    if (index === column) return 'number';
    return plain[index] === 'action' ? 'action' : name.trim();
  });
}

function notCsv(from: string, expected: string): ParleyError {
  const problems = [`expected ${expected}`];
  return new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: ${problems[0]}`, { problems });
}
