import type { CallOptions } from '@parley/core';
import { type CsvFile, type Row, toCsv } from '../csv-write.js';
import type { ChatIncFile, ChatIncWritten } from '../wire/audience.js';
import { multipart, type Part } from './multipart.js';
import type { RouteName } from './routes.js';
import type { Transport } from './transport.js';

/** A file that is about to be sent. */
interface UploadFile extends Omit<CsvFile, 'bytes'> {
  bytes(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

interface Upload {
  fields: Readonly<Record<string, string>>;
  filename: string;
  file: UploadFile;
}

/** @throws ERR_CONFIG for rows that are wrong, where they can be read before they are sent */
export async function fileOf(
  given: ChatIncFile<Row>,
  fields: readonly string[],
  config: Transport['config'],
): Promise<UploadFile> {
  if ('rows' in given) {
    return toCsv(given.rows, { fields, config, distinct: given.distinct ?? false });
  }
  const { csv } = given;
  const bytes = typeof csv === 'function' ? csv : () => [typeof csv === 'string' ? Buffer.from(csv) : csv];
  return { bytes, repeatable: true, warnings: [] };
}

/** Sends a form with a file in it, as it is made. */
export async function upload(
  transport: Transport,
  route: RouteName,
  { fields, filename, file }: Upload,
  call: CallOptions | undefined,
): Promise<ChatIncWritten> {
  let broken: unknown;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* file.bytes();
    } catch (error) {
      broken = error;
      throw error;
    }
  }
  const parts = (): Part[] => [
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
    { name: 'file', filename, type: 'text/csv', bytes: watched() },
  ];
  const once = file.repeatable ? call : { ...call, retry: false };
  try {
    const answer = await transport.send(route, { raw: multipart(parts) }, once);
    return { warnings: file.warnings, answer };
  } catch (error) {
    // A form without its end is none: the provider cannot have taken it. What was wrong is in the rows.
    throw broken ?? error;
  }
}
