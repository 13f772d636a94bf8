import pg from 'pg';
import { refusalOf } from './refusal.js';

/** Runs one statement, prepared once per connection. Rejects with what the driver says: see `refusalOf`. */
export type Run = <Row extends object = object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Longest wait for a connection, in milliseconds: a webhook that cannot be stored is answered soon. */
const CONNECT_MS = 3_000;
/** Longest statement. A server that vanished without a word is noticed two seconds later. */
const STATEMENT_MS = 10_000;

/**
 * Tables that are filled and emptied all day are never the size their statistics say, and a plan made for an empty one
 * scans a full one from end to end: the index whose order fits is always right. The compiler (jit) would cost more than any of
 * our statements.
 */
const SESSION = {
  jit: 'off',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_sort: 'off',
  statement_timeout: STATEMENT_MS,
  idle_in_transaction_session_timeout: STATEMENT_MS,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
};

const CONNECTION = {
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  application_name: 'parley',
  options: Object.entries(SESSION)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' '),
};

/** The connections of one process. A lost one is replaced at the next statement. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #connectionString: string;
  readonly #names = new Map<string, string>();
  #closed: Promise<void> | undefined;

  constructor(connectionString: string, size: number) {
    this.#connectionString = connectionString;
    this.#pool = new pg.Pool({
      ...CONNECTION,
      connectionString,
      max: size,
      query_timeout: STATEMENT_MS + 2_000,
      idleTimeoutMillis: 60_000,
    });
    // A connection that breaks while nobody uses it: the pool drops it by itself.
    this.#pool.on('error', () => {});
  }

  readonly run: Run = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const result = await this.#pool.query<Row>({ name: this.#nameOf(text), text, values: [...values] });
    return result.rows;
  };

  /** All or nothing; `work` says at its end whether it is to last. */
  async transaction<T>(work: (run: Run) => Promise<{ keep: boolean; result: T }>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // The pool does not listen while a connection is out: unheard, its error would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const run = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
        (await client.query<Row>({ name: this.#nameOf(text), text, values: [...values] })).rows;
      const { keep, result } = await work(run);
      await client.query(keep ? 'COMMIT' : 'ROLLBACK');
      return result;
    } catch (error) {
      // A refused statement leaves the connection whole; anything else makes its state a guess.
      await client.query('ROLLBACK').catch((failed: Error) => {
        broken ??= failed;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** A connection outside of the pool, for what lasts as long as the connection: locks, LISTEN. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...CONNECTION, connectionString: this.#connectionString });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw refusalOf(error);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end().catch(() => {});
    return this.#closed;
  }

  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `parley_${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }
}
