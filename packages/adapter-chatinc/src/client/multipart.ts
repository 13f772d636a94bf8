import { randomBytes } from 'node:crypto';
import type { HttpRequest } from '@parley/adapter-kit';

/** A field of a form, or a file of it. */
export type Part =
  | { name: string; value: string }
  | { name: string; filename: string; type: string; bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array> };

/**
 * `multipart/form-data`, made as it is sent: the file is never held as a whole.
 *
 * @param parts called for each attempt
 */
export function multipart(parts: () => readonly Part[]): NonNullable<HttpRequest['raw']> {
  // Nothing that is sent can hold 128 random bits.
  const boundary = `parley-${randomBytes(16).toString('hex')}`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: async function* () {
      for (const part of parts()) {
        yield* encodePart(part, boundary);
      }
      yield Buffer.from(`--${boundary}--\r\n`);
    },
  };
}

async function* encodePart(part: Part, boundary: string): AsyncGenerator<Uint8Array, void, undefined> {
  const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part.name)}"`;
  if ('value' in part) {
    yield Buffer.from(`${disposition}\r\n\r\n${part.value}\r\n`);
    return;
  }
  yield Buffer.from(
    `${disposition}; filename="${quoted(part.filename)}"\r\nContent-Type: ${part.type}\r\n\r\n`,
  );
  yield* part.bytes;
  yield Buffer.from('\r\n');
}

/** As browsers write it (WHATWG HTML, multipart/form-data). */
function quoted(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
