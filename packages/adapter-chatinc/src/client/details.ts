import { decode, parseJson, redact } from '@parley/adapter-kit';
import { isParleyError, ParleyError } from '@parley/core';
import { readCsv } from '../csv-read.js';
import type { ChatIncDetailsRow } from '../wire/campaign.js';
import { DetailsRowCodec } from '../wire/codecs.js';
import { fieldOf, isRecord, type ListForm, readList } from '../wire/unwrap.js';

const FROM = 'retrieve/campaign';

const ROWS: ListForm = {
  keys: ['results', 'rows', 'recipients', 'contacts', 'details', 'data', 'campaign', 'campaigns'],
  isItem: (value) => 'number' in value,
  normalize: (value) => (isRecord(value) && 'number' in value ? toRow(value) : value),
};

/**
 * The rows of a campaign's details, whatever they came as: JSON, CSV, or CSV quoted as JSON. Decided by what it is, for content types
 * are not documented. A row that cannot be read is told to `onRejected` and costs nothing else.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD for something else; a link to a file is named and not followed
 */
export async function* readDetails(
  body: unknown,
  onRejected: (error: ParleyError) => void,
): AsyncGenerator<ChatIncDetailsRow, void, undefined> {
  const value = typeof body === 'string' ? valueOf(body) : body;
  if (typeof value === 'string') {
    refuseLink(value.trim());
    for await (const row of readCsv(value, FROM)) {
      const read = attempt(() => decode(DetailsRowCodec, toRow(row), FROM), onRejected);
      if (read !== undefined) yield read;
    }
    return;
  }
  if (value === undefined) return;
  if (isRecord(value) && typeof value.url === 'string') refuseLink(value.url);
  const { items, rejected } = readList(value, ROWS, DetailsRowCodec, FROM);
  rejected.forEach(onRejected);
  yield* items;
}

/** JSON if it is JSON, else the text. Undefined where there is none. */
function valueOf(text: string): unknown {
  const begin = text.trimStart().replace(/^\uFEFF/, '');
  if (begin === '') return undefined;
  // A CSV's first column may be quoted, too.
  if (!/^[[{"]/.test(begin)) return text;
  try {
    return parseJson(begin, FROM);
  } catch (error) {
    if (begin.startsWith('"')) return text;
    throw error;
  }
}

function refuseLink(text: string): void {
  if (!/^https?:\/\/\S+$/i.test(text)) return;
  const problems = ['expected rows'];
  const what = `${FROM}: ${problems[0]}, and it is a link that is not followed: ${redact(text)}`;
  throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', what, { problems });
}

/** Numbers are text, and `Action` is `action`. */
function toRow(record: Record<string, unknown>): Record<string, unknown> {
  const { number } = record;
  const action = fieldOf(record, 'action');
  return {
    ...record,
    number: typeof number === 'number' ? String(number) : number,
    ...(typeof action === 'string' && { action }),
  };
}

function attempt<T>(read: () => T, onRejected: (error: ParleyError) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isParleyError(error)) throw error;
    onRejected(error);
    return undefined;
  }
}
