import { ParleyError } from '@parley/core';

/**
 * Parses JSON text, or bytes of UTF-8, with or without a byte order mark.
 *
 * A `__proto__` key is dropped: harmless where `JSON.parse` puts it, it changes the prototype of the first object that
 * somebody assigns it to.
 *
 * @param from where it came from, for the error, for example `webhook` or `GET /v2/users`
 * @throws ERR_UNEXPECTED_PAYLOAD without a word of the contents
 */
export function parseJson(text: string | Uint8Array, from: string): unknown {
  const json = readJson(text);
  if (json === undefined) {
    throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: is not JSON`, { problems: ['expected JSON'] });
  }
  return json.value;
}

/** The value, or undefined if it is not JSON. The parser's own error quotes the text, so nobody gets to see it. */
export function readJson(source: string | Uint8Array): { value: unknown } | undefined {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  try {
    return { value: mayNamePrototype(text) ? JSON.parse(text, dropPrototype) : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const marked = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  return marked ? buffer.toString('utf8', 3) : buffer.toString('utf8');
}

/** Also true where escapes spell a part of it. */
function mayNamePrototype(text: string): boolean {
  return text.includes('__proto__') || (text.includes('\\u00') && ESCAPED_LETTER.test(text));
}

const ESCAPED_LETTER = /\\u00(?:5f|6f|7[024])/i;

function dropPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
