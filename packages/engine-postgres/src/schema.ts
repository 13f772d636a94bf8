import { ParleyError } from '@parley/core';
import type { Client, QueryResult } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Database, Run } from './database.js';
import type { Settings } from './options.js';
import { refusalOf } from './refusal.js';

export const INBOX = 'inbox';
export const OUTBOX = 'outbox';

/** The names of our tables, quoted nowhere: the schema's name is checked. */
export interface Tables {
  readonly inbox: string;
  readonly outbox: string;
  readonly mark: string;
  readonly state: string;
  readonly effect: string;
  readonly timer: string;
  readonly letter: string;
  readonly pace: string;
  readonly token: string;
  /** The sequence that says what came before what, whatever the clocks say. */
  readonly place: string;
  readonly version: string;
}

const OLDEST_SERVER = 140_000;
/** A hot table's dead rows go after so many, whatever its size: its size is what they would make it. */
const VACUUM = `autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0`;

type Migration = (schema: string) => string;

/** Only ever appended to: a database is brought from any older version to the newest, step by step. */
const MIGRATIONS: readonly Migration[] = [
  (schema) => `
    CREATE SEQUENCE ${schema}.place;
    CREATE SEQUENCE ${schema}.version;
    CREATE TABLE ${schema}.mark (
      key uuid PRIMARY KEY,
      expires_at bigint NOT NULL
    ) WITH (${VACUUM});
    CREATE INDEX ON ${schema}.mark (expires_at);
    CREATE TABLE ${schema}.state (
      scope text NOT NULL,
      kind text NOT NULL,
      value text NOT NULL,
      version bigint NOT NULL,
      expires_at bigint,
      subject text,
      PRIMARY KEY (scope, kind)
    ) WITH (fillfactor = 70, ${VACUUM});
    CREATE INDEX ON ${schema}.state (expires_at) WHERE expires_at IS NOT NULL;
    CREATE INDEX ON ${schema}.state (subject) WHERE subject IS NOT NULL;
    CREATE TABLE ${schema}.effect (
      id text PRIMARY KEY,
      turn_job uuid,
      lane text NOT NULL,
      body text NOT NULL,
      keyed boolean NOT NULL,
      status text NOT NULL,
      attempts int NOT NULL DEFAULT 0,
      message_id text,
      conversation_id text,
      error text,
      due_at bigint,
      expires_at bigint NOT NULL
    ) WITH (fillfactor = 70, ${VACUUM});
    CREATE INDEX ON ${schema}.effect (due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX ON ${schema}.effect (expires_at);
    CREATE TABLE ${schema}.timer (
      scope text NOT NULL,
      name text NOT NULL,
      at bigint NOT NULL,
      key uuid NOT NULL,
      lane text NOT NULL,
      contact text,
      body text NOT NULL,
      PRIMARY KEY (scope, name)
    );
    CREATE INDEX ON ${schema}.timer (at);
    CREATE TABLE ${schema}.letter (
      seq bigserial PRIMARY KEY,
      id text NOT NULL UNIQUE,
      kind text NOT NULL,
      lane text NOT NULL,
      account text NOT NULL,
      contact text,
      job uuid NOT NULL,
      place timestamptz NOT NULL,
      accepted_at bigint NOT NULL,
      at bigint NOT NULL,
      attempts int NOT NULL,
      error text NOT NULL,
      history text NOT NULL,
      body text NOT NULL
    );
    CREATE INDEX ON ${schema}.letter (job);
    CREATE UNLOGGED TABLE ${schema}.pace (
      account text PRIMARY KEY,
      requests int NOT NULL,
      per_ms bigint NOT NULL,
      paused_until bigint NOT NULL DEFAULT 0,
      left_at bigint[] NOT NULL
    ) WITH (fillfactor = 50, ${VACUUM});
    CREATE TABLE ${schema}.token (
      key text PRIMARY KEY,
      pair text NOT NULL
    );`,
];

/**
 * Brings the database to our newest version, and pg-boss' tables to its own, once: of processes that start together, one
 * does it and the others wait for it.
 *
 * @throws ERR_CONFIG for a server that is too old
 */
export async function migrate(database: Database, settings: Settings): Promise<Tables> {
  const client = await database.connect();
  try {
    const run: Run = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, [...values])).rows;
    await assertServer(run);
    // As long as others take, and until this connection ends.
    await run(`SET statement_timeout = 0`);
    await run(`SELECT pg_advisory_lock(hashtextextended($1, 0))`, [`parley ${settings.schema}`]);
    await migrateOwn(client, settings.schema);
    await createQueues(client, settings);
    return await namesOf(run, settings);
  } catch (error) {
    throw refusalOf(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function assertServer(run: Run): Promise<void> {
  const [server] = await run<{ number: number; text: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text`,
  );
  if (server !== undefined && server.number >= OLDEST_SERVER) return;
  throw new ParleyError(
    'ERR_CONFIG',
    `connectionString: the server is PostgreSQL ${server?.text}; 14 or newer is needed`,
  );
}

async function migrateOwn(client: Client, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${schema}.migration (version int PRIMARY KEY, at timestamptz DEFAULT now())`,
  );
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${schema}.migration`);
  const done = Math.max(0, ...rows.map(({ version }) => version));
  if (done > MIGRATIONS.length) {
    throw new ParleyError(
      'ERR_CONFIG',
      `schema ${schema}: a newer @parley/engine-postgres has been here; update this one`,
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < done) continue;
    const note = `INSERT INTO ${schema}.migration (version) VALUES (${index + 1})`;
    await client.query(`BEGIN; ${migration(schema)} ${note}; COMMIT`);
  }
}

async function createQueues(client: Client, { jobsSchema }: Settings): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => rowsOf(await client.query(text, values)) },
    schema: jobsSchema,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => {});
  try {
    await boss.start();
    for (const name of [INBOX, OUTBOX]) {
      if ((await boss.getQueue(name)) !== null) continue;
      await boss.createQueue(name, { policy: 'key_strict_fifo', partition: true });
      const queue = await boss.getQueue(name);
      await client.query(`ALTER TABLE ${jobsSchema}.${queue?.table} SET (fillfactor = 70, ${VACUUM})`);
    }
  } finally {
    await boss.stop({ graceful: false, close: false });
  }
}

/** Of a script the driver returns one result per statement. */
function rowsOf(result: QueryResult | QueryResult[]): { rows: unknown[] } {
  return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows as unknown[]) } : result;
}

async function namesOf(run: Run, { schema, jobsSchema }: Settings): Promise<Tables> {
  const rows = await run<{ name: string; table_name: string }>(
    `SELECT name, table_name FROM ${jobsSchema}.queue WHERE name = ANY($1)`,
    [[INBOX, OUTBOX]],
  );
  const tableOf = (queue: string): string =>
    `${jobsSchema}.${rows.find(({ name }) => name === queue)?.table_name}`;
  return {
    inbox: tableOf(INBOX),
    outbox: tableOf(OUTBOX),
    mark: `${schema}.mark`,
    state: `${schema}.state`,
    effect: `${schema}.effect`,
    timer: `${schema}.timer`,
    letter: `${schema}.letter`,
    pace: `${schema}.pace`,
    token: `${schema}.token`,
    place: `${schema}.place`,
    version: `${schema}.version`,
  };
}
