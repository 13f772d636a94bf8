import type { Clock, ScheduledCall } from '@parley/core';
import type { Client } from 'pg';
import type { Database } from './database.js';
import type { Queue } from './jobs.js';

const AGAIN_MS = 1_000;
/** A message holds less than 8,000 bytes. */
const MOST_BYTES = 7_500;

/** What there may be to fetch: these lanes of a queue, or anything. */
export type Work = { queue: Queue; lanes: readonly string[] } | undefined;

/**
 * Tells the other processes that there is work which this one leaves to them. Who stores work usually fetches it as well, so
 * that a message is rare: the server lets only one transaction at a time commit one.
 */
export class WakeUp {
  readonly #database: Database;
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #onWork: (work: Work) => void;
  #client: Client | undefined;
  #again: ScheduledCall | undefined;
  #closed = false;
  readonly #waiting = new Map<Queue, Set<string>>();
  #calling = false;

  constructor(database: Database, schema: string, clock: Clock, onWork: (work: Work) => void) {
    this.#database = database;
    this.#channel = `${schema}_work`;
    this.#clock = clock;
    this.#onWork = onWork;
  }

  /** Listens until `close`; a lost connection is made again. Without one, work is found by looking. */
  async listen(): Promise<void> {
    try {
      const client = await this.#database.connect();
      client.on('notification', ({ payload }) =>
        this.#onWork(payload ? (JSON.parse(payload) as Work) : undefined),
      );
      client.on('end', () => {
        if (this.#client === client) this.#lost();
      });
      this.#client = client;
      await client.query(`LISTEN ${this.#channel}`);
      if (this.#closed) await client.end();
      // What was called out before somebody listened.
      else this.#onWork(undefined);
    } catch {
      this.#lost();
    }
  }

  /** There is work for somebody else. What is called while a message is under way goes with the next one. */
  call(queue: Queue, lanes: readonly string[]): void {
    const waiting = this.#waiting.get(queue) ?? new Set();
    for (const lane of lanes) waiting.add(lane);
    this.#waiting.set(queue, waiting);
    if (this.#calling || this.#closed) return;
    this.#calling = true;
    setImmediate(() => void this.#callAll());
  }

  async #callAll(): Promise<void> {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [queue, lanes] = next;
      this.#waiting.delete(queue);
      const text = JSON.stringify({ queue, lanes: [...lanes] });
      const message = Buffer.byteLength(text) < MOST_BYTES ? text : '';
      await this.#send(message);
    }
    this.#calling = false;
  }

  /** There may be anything to fetch: this process leaves. */
  callForAll(): Promise<void> {
    return this.#send('');
  }

  /** Work that is not called out is found by looking, a little later. */
  async #send(message: string): Promise<void> {
    await this.#database.run(`SELECT pg_notify($1, $2)`, [this.#channel, message]).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#again?.cancel();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  #lost(): void {
    this.#client = undefined;
    if (this.#closed || this.#again !== undefined) return;
    this.#again = this.#clock.schedule(
      AGAIN_MS,
      () => {
        this.#again = undefined;
        void this.listen();
      },
      true,
    );
  }
}
