import type { Clock, ScheduledCall } from '@parley/core';
import type { Client } from 'pg';
import type { Database, Run } from './database.js';

const AGAIN_MS = 1_000;

/**
 * Tells the other processes that there is work which this one leaves to them. Who stores work usually fetches it as well, so
 * that a message is rare: the server lets only one transaction at a time commit one.
 */
export class WakeUp {
  readonly #database: Database;
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #onWork: () => void;
  #client: Client | undefined;
  #again: ScheduledCall | undefined;
  #closed = false;
  #calling = false;

  constructor(database: Database, schema: string, clock: Clock, onWork: () => void) {
    this.#database = database;
    this.#channel = `${schema}_work`;
    this.#clock = clock;
    this.#onWork = onWork;
  }

  /** Listens until `close`; a lost connection is made again. Without one, work is found by looking, a second later. */
  async listen(): Promise<void> {
    try {
      const client = await this.#database.connect();
      client.on('notification', this.#onWork);
      client.on('end', () => {
        if (this.#client === client) this.#lost();
      });
      this.#client = client;
      await client.query(`LISTEN ${this.#channel}`);
      if (this.#closed) await client.end();
      // What was called out before somebody listened.
      else this.#onWork();
    } catch {
      this.#lost();
    }
  }

  /** There is work for somebody else. Several calls in a row become one. */
  call(run: Run): void {
    if (this.#calling || this.#closed) return;
    this.#calling = true;
    setImmediate(() => {
      run(`SELECT pg_notify($1, '')`, [this.#channel])
        .catch(() => {})
        .finally(() => {
          this.#calling = false;
        });
    });
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
