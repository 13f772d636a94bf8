import { createReadStream } from 'node:fs';
import { relative } from 'node:path';
import { isParleyError } from '@parley/core';
import { readEmail, readPhone } from './address.js';
import { type CsvRow, readCsv } from './csv.js';
import type { Place } from './plan-report.js';
import type { Problems } from './problems.js';
import type { AudienceSource, CsvSource, VariableSource } from './spec.js';

/** People in rows and columns, from a file or from the campaign itself. */
export interface Table {
  /** What it is called in messages: `people.csv`, `audience[1].contacts`. */
  source: string;
  columns: Columns;
  /** From the first one, every time. `line` is what `placeOf` takes. */
  rows(): AsyncIterable<readonly CsvRow[]>;
  placeOf(line: number): Place;
}

/** Which cell of a row is what. A missing one is not there. */
export interface Columns {
  names: readonly string[];
  phone: number | undefined;
  email: number | undefined;
  name: number | undefined;
}

type InlineRows = readonly Readonly<Record<string, string>>[];

/** Opens one source. Undefined if it cannot be used: then `problems` says why. `place` is where it stands in the campaign. */
export async function openTable(
  source: AudienceSource | VariableSource,
  place: string,
  problems: Problems,
): Promise<Table | undefined> {
  if ('contacts' in source) return inlineTable(source.contacts, `${place}.contacts`, problems);
  if ('rows' in source) return inlineTable(source.rows, `${place}.rows`, problems);
  return await fileTable(source, place, problems);
}

function inlineTable(inline: InlineRows, source: string, problems: Problems): Table | undefined {
  const names = [...new Set(inline.flatMap((row) => Object.keys(row)))];
  const columns = findColumns(names, {}, source, problems);
  async function* rows(): AsyncGenerator<CsvRow[]> {
    yield inline.map((row, index) => ({
      line: index,
      cells: names.map((name) => (Object.hasOwn(row, name) ? (row[name] ?? '') : '')),
    }));
  }
  return columns && { source, columns, rows, placeOf: (line) => ({ source: `${source}[${line}]` }) };
}

async function fileTable(named: CsvSource, place: string, problems: Problems): Promise<Table | undefined> {
  const { file } = named;
  const short = relative('.', file);
  const source = short.startsWith('..') ? file : short;
  const at = `${place} (${source})`;
  const first = await firstRow(file).catch((error: unknown) => {
    problems.add(at, isParleyError(error) ? error.message : unreadable(error));
    return null;
  });
  if (first === null) return undefined;
  if (first === undefined) problems.add(at, 'the file is empty: its first line names the columns');
  else if ('reason' in first) problems.add(`${at}, line ${first.line}`, first.reason);
  if (first === undefined || 'reason' in first) return undefined;
  const columns = findColumns(first.cells, named, at, problems);
  async function* rows(): AsyncGenerator<readonly CsvRow[]> {
    let isFirst = true;
    for await (const batch of readCsv(createReadStream(file))) {
      yield isFirst ? batch.slice(1) : batch;
      isFirst &&= batch.length === 0;
    }
  }
  return columns && { source, columns, rows, placeOf: (line) => ({ source, line }) };
}

/** Why a file cannot be read. */
export function unreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`;
}

async function firstRow(file: string): Promise<CsvRow | undefined> {
  for await (const [row] of readCsv(createReadStream(file))) if (row !== undefined) return row;
  return undefined;
}

/** Upper and lower case, blanks and underscores make no difference: `First Name` is `first_name`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_]/g, '');
}

/** The column that a placeholder's field names. Undefined if there is none. */
export function columnOf(columns: Columns, field: string): number | undefined {
  const sought = plain(field);
  const index = columns.names.findIndex((name) => plain(name) === sought);
  if (index !== -1) return index;
  return sought === 'phone' || sought === 'email' || sought === 'name' ? columns[sought] : undefined;
}

/** What spreadsheets and customer systems call it, in some languages; the first that is there is taken. */
const PHONE_NAMES = (
  'phone number phonenumber mobile mobilenumber mobilephone cellphone cell telephone telephonenumber tel msisdn ' +
  'whatsapp whatsappnumber gsm telefoon telefoonnummer mobiel mobielnummer telefon telefonnummer handy mobil ' +
  'telephoneportable portable telefono celular movil telefone telemovel'
).split(' ');

const EMAIL_NAMES = ['email', 'e-mail', 'mail', 'emailaddress'];

/** Which columns there are; unless the first line may be a person's: then not a word of it. */
export function columnsShown(names: readonly string[]): string {
  const known = [...PHONE_NAMES, ...EMAIL_NAMES, 'name', 'fullname', 'address'];
  return names.some((name) => known.includes(plain(name)))
    ? `there are ${listed(names)}`
    : `there are ${names.length}, of which none has a usual name: the first line has to name the columns`;
}

function findColumns(
  names: readonly string[],
  named: Partial<CsvSource>,
  place: string,
  problems: Problems,
): Columns | undefined {
  if (names.some(isData)) {
    problems.add(place, 'the first line holds an address: it has to name the columns');
    return undefined;
  }
  const known = names.map(plain);
  const twice = known.findIndex((name, index) => name !== '' && known.indexOf(name) !== index);
  if (twice !== -1) {
    problems.add(
      place,
      `the columns ${known.indexOf(known[twice] ?? '') + 1} and ${twice + 1} have the same name`,
    );
    return undefined;
  }
  const find = (role: 'phone' | 'email' | 'name', usual: readonly string[]): number | undefined => {
    const wanted = named[role];
    const index = (wanted === undefined ? usual : [plain(wanted)])
      .map((name) => known.indexOf(name))
      .find((at) => at !== -1);
    if (index === undefined && wanted !== undefined)
      problems.add(place, `there is no column "${wanted.slice(0, 40)}" for ${role}: ${columnsShown(names)}`);
    return index;
  };
  return {
    names,
    phone: find('phone', PHONE_NAMES),
    email: find('email', EMAIL_NAMES),
    name: find('name', ['name', 'fullname']),
  };
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => name.slice(0, 40));
  return shown.length === 0 ? 'none' : shown.join(', ') + (names.length > shown.length ? ', ...' : '');
}

function isData(cell: string): boolean {
  return (
    'value' in readEmail(cell) || (/\d{9}/.test(cell.replace(/[\s()-]/g, '')) && 'value' in readPhone(cell))
  );
}
