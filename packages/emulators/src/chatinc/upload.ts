import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '../json.js';
import { type ReadRows, readCsv } from './csv-file.js';
import { ChatIncError, invalid } from './errors.js';
import { readNumber } from './numbers.js';
import type { ChatIncSwitches } from './switches.js';

/** Reads `multipart/form-data` with a CSV in the part `file`, and gives the other parts. */
export async function readUpload(
  request: FastifyRequest,
  { badRows }: ChatIncSwitches,
  readRows: ReadRows,
): Promise<JsonObject> {
  const fields: JsonObject = {};
  let problem: Error | undefined;
  let files = 0;
  for await (const part of partsOf(request)) {
    if (part.type === 'field') fields[part.fieldname] = String(part.value);
    else if (part.fieldname === 'file' && files === 0) {
      files += 1;
      problem = await readCsv(part.file, readRows, { skipBadRows: badRows === 'skip' });
    } else part.file.resume();
  }
  // So that the journal shows the parts.
  request.body = { ...fields };
  if (files === 0) throw invalid('file is required');
  if (problem !== undefined) throw problem;
  return fields;
}

/** @throws 415 for another kind of body */
export function partsOf(request: FastifyRequest) {
  if (!request.isMultipart()) throw new ChatIncError(415, 'multipart/form-data is required');
  return request.parts();
}

/** Other spellings, for a server that is not strict: lower case, without blanks and underscores. */
const NUMBER_COLUMNS = ['number', 'phone', 'phonenumber', 'msisdn', 'mobile', 'cell', 'to', 'recipient'];

function numberColumn({ strictCsv }: ChatIncSwitches, header: readonly string[]): number {
  const plain = header.map((name) => name.toLowerCase().replaceAll(/[\s_]/g, ''));
  const found = strictCsv
    ? header.indexOf('number')
    : (NUMBER_COLUMNS.map((name) => plain.indexOf(name)).find((index) => index >= 0) ?? -1);
  if (found < 0) throw invalid('file: the header has no column "number"');
  return found;
}

/** Puts the numbers of a file into a set. */
export function numbersInto(switches: ChatIncSwitches, numbers: Set<string>): ReadRows {
  return (header) => {
    const column = numberColumn(switches, header);
    return (row, line) => {
      const digits = readNumber(switches, row[column], `file: line ${line}`);
      if (digits !== undefined) numbers.add(digits);
    };
  };
}

/** Puts the rows of a file into a map by number: every other column is a field. The last row of a number wins. */
export function rowsInto(
  switches: ChatIncSwitches,
  fields: string[],
  rows: Map<string, Record<string, string>>,
): ReadRows {
  return (header) => {
    const column = numberColumn(switches, header);
    for (const [index, name] of header.entries()) if (index !== column) fields.push(name);
    if (fields.some((name) => name.trim() === '') || new Set(fields).size < fields.length)
      throw invalid('file: the header has a column without a name, or a name twice');
    return (row, line) => {
      const digits = readNumber(switches, row[column], `file: line ${line}`);
      if (digits === undefined) return;
      const values = row.filter((_value, index) => index !== column);
      rows.set(digits, Object.fromEntries(fields.map((name, index) => [name, values[index] ?? ''])));
    };
  };
}
