/** One request an emulator received, and what became of it. */
export interface JournalEntry {
  /** ISO 8601 on the emulator's clock. */
  at: string;
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, string>;
  /** Lower-case names; `authorization` keeps its scheme only, if it has one. */
  headers: Record<string, string>;
  /** Parsed JSON where it was JSON; secrets replaced; `{ bytes }` when large. */
  body?: unknown;
  /** What was answered; 0 when the connection was dropped without an answer. */
  status: number;
  ip?: string;
  /** The fault that was injected, if any. */
  fault?: string;
}

export interface JournalSelection {
  method?: string;
  /** An exact path, or a pattern. */
  path?: string | RegExp;
}

/** The latest requests, oldest first. Bounded: the oldest go. */
export interface Journal {
  readonly entries: readonly JournalEntry[];
  requests(selection?: JournalSelection): JournalEntry[];
  record(entry: JournalEntry): void;
  clear(): void;
}

const SECRET_KEYS = new Set(['apiKey', 'password', 'refreshToken', 'otp', 'secret', 'token']);
const LARGE_BODY_BYTES = 64 * 1024;

export function createJournal(size: number): Journal {
  let entries: JournalEntry[] = [];
  return {
    get entries() {
      return entries.slice(-size);
    },
    requests({ method, path } = {}) {
      return entries
        .slice(-size)
        .filter((entry) => method === undefined || entry.method === method.toUpperCase())
        .filter((entry) => path === undefined || matches(path, entry.path));
    },
    record(entry) {
      entries.push(entry);
      // Cut in halves, so that a full journal does not copy itself on every request.
      if (entries.length > size * 2) entries = entries.slice(-size);
    },
    clear() {
      entries = [];
    },
  };
}

function matches(path: string | RegExp, actual: string): boolean {
  return typeof path === 'string' ? path === actual : actual.search(path) !== -1;
}

/** Replaces credentials, at any depth, so that a printed journal is safe to share. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEYS.has(key) && typeof inner === 'string' ? '[redacted]' : withoutSecrets(inner),
    ]),
  );
}

/** A body as the journal keeps it. */
export function journalBody(body: unknown, bytes: number): unknown {
  return bytes > LARGE_BODY_BYTES ? { bytes } : withoutSecrets(body);
}

/** Headers as the journal keeps them. */
export function journalHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    kept[name] = name === 'authorization' ? text.replace(/^(\S+\s)?.*$/s, '$1[redacted]') : text;
  }
  return kept;
}
