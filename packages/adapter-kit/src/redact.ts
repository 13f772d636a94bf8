/** What stands where something was taken out. */
const GONE = '…';

const LONGEST_REASON = 200;

const PATTERNS: readonly RegExp[] = [
  // JSON Web Tokens, whole or cut.
  /\beyJ[\w-]{5,}(?:\.[\w-]*){0,2}/g,
  /\b(?:Bearer|Basic)\s+[^\s"',;]+/gi,
  // `token=abc`, `"secret": "abc"`, `password is abc`.
  /(?<=\b(?:access_?token|refresh_?token|api_?key|token|secret|password|authorization|signature)["']?\s*(?:[=:]|\bis\b)\s*["']?)[^\s"',;&]+/gi,
  // URLs lose their query, not their path.
  /(?<=https?:\/\/[^\s?"'<>]*\?)[^\s"'<>]+/gi,
  /[^\s"'<>:;,()[\]=/]+(?:@|%40)[\w-]+(?:\.[\w-]+)+/gi,
  // Phone numbers: seven digits or more, however they are spaced. An id with letters in it is none.
  /(?<![\w-])(?:\+|%2B)?\d(?:[\s().-]{0,2}\d){6,}(?![\w-])/gi,
  // Keys: long and without a dash, which a UUID has.
  /(?<![\w-])[A-Za-z0-9+/_]{32,}={0,2}(?![\w-])/g,
];

/** With spaces in it, it is a person's words: a provider's own are identifiers. Also where it is cut off. */
const QUOTED = /["“`][^"”`]*(?:["”`]|$)/g;

/**
 * What is left of a text that others wrote, so that it may stand in an error or a log: no tokens, secrets, e-mail addresses and
 * phone numbers, at most 200 characters, one line.
 *
 * @param sent what the request carried: a provider that quotes it back would put a person's words into our log
 */
export function redact(text: string, sent?: unknown): string {
  let clean = text
    .slice(0, 4 * LONGEST_REASON)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (sent !== undefined) clean = withoutEcho(clean, sent);
  clean = clean.replaceAll(QUOTED, (quoted: string) => (/\s/.test(quoted) ? `"${GONE}"` : quoted));
  for (const pattern of PATTERNS) clean = clean.replaceAll(pattern, GONE);
  return clean.length > LONGEST_REASON ? `${clean.slice(0, LONGEST_REASON)}${GONE}` : clean;
}

/** A path for an error: without its query, each segment redacted. */
export function redactPath(path: string): string {
  const [plain = ''] = path.split('?', 1);
  return plain
    .split('/')
    .map((segment) => redact(segment))
    .join('/');
}

function withoutEcho(text: string, sent: unknown): string {
  const words = new Set<string>();
  collectStrings(sent, words, 0);
  let clean = text;
  for (const word of [...words].sort((a, b) => b.length - a.length)) {
    if (clean.includes(word)) clean = clean.replaceAll(wholeWord(word), GONE);
  }
  return clean;
}

/** Short words stay: taking `to` or `id` out of a sentence makes it unreadable and hides nothing. */
const SHORTEST_ECHO = 3;

function collectStrings(value: unknown, into: Set<string>, depth: number): void {
  if (typeof value === 'string') {
    const line = value.replaceAll(/\s+/g, ' ').trim();
    if (line.length >= SHORTEST_ECHO) into.add(line);
  } else if (typeof value === 'object' && value !== null && depth < 8) {
    for (const inner of Object.values(value)) collectStrings(inner, into, depth + 1);
  }
}

function wholeWord(word: string): RegExp {
  const literal = word.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}
