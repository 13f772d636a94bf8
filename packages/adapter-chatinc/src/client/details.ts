import { decode, redact } from '@parley/adapter-kit';
import { isParleyError, ParleyError } from '@parley/core';
import { readCsv } from '../csv-read.js';
import { isQuoted, readJsonItems, unquote } from '../json-read.js';
import { beginOf } from '../text-begin.js';
import type { ChatIncDetailsRow } from '../wire/campaign.js';
import { DetailsRowCodec } from '../wire/codecs.js';
import { fieldOf, isRecord, type ListForm } from '../wire/unwrap.js';

const FROM = 'retrieve/campaign';

/** How details in JSON are wrapped. */
export const DETAILS: ListForm = {
  keys: ['results', 'rows', 'recipients', 'contacts', 'details', 'data', 'campaign', 'campaigns'],
  isItem: (value) => 'number' in value,
  normalize: (value) => (isRecord(value) && 'number' in value ? toRow(value) : value),
};

/**
 * The rows of a campaign's details as they come, whatever they come as: JSON, CSV, or CSV quoted as JSON. Decided by what it is, for
 * content types are not documented. A row that cannot be read is told to `onRejected` and costs nothing else.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD for something else; a link to a file is named and not followed
 */
export async function* readDetails(
  body: AsyncIterable<Uint8Array>,
  onRejected: (error: ParleyError) => void,
): AsyncGenerator<ChatIncDetailsRow, void, undefined> {
  let place = -1;
  for await (const row of rowsIn(body)) {
    place += 1;
    try {
      yield decode(DetailsRowCodec, row, () => `${FROM}[${place}]`);
    } catch (error) {
      if (!isParleyError(error)) throw error;
      onRejected(error);
    }
  }
}

async function* rowsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const { begin, all } = await beginOf(textOf(body), tellsForm);
  if (begin === '') return;
  if (/^[[{]/.test(begin)) yield* readJsonItems(all, DETAILS, FROM, refuseBody);
  else yield* readTable(isQuoted(begin) ? unquote(all, FROM) : all);
}

async function* readTable(texts: AsyncIterable<string>): AsyncGenerator<unknown, void, undefined> {
  const { begin, all } = await beginOf(texts, (text) => /\s/.test(text));
  refuseLink(begin.trim());
  for await (const row of readCsv(all, FROM)) yield toRow(row);
}

/** Of a quoted text, whether the quote is that of a column's name shows at the end of the header. */
function tellsForm(begin: string): boolean {
  return begin.startsWith('"') ? /[\r\n]|\\[nr]/.test(begin) : begin !== '';
}

async function* textOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

function refuseBody(body: unknown): never {
  if (isRecord(body) && typeof body.url === 'string') refuseLink(body.url);
  const problems = [`expected a list of ${DetailsRowCodec.name}`];
  throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${FROM}: ${problems[0]}`, { problems });
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
