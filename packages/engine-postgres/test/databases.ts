import { randomBytes } from 'node:crypto';
import { startPostgres } from '@parley/testing/postgres';
import pg from 'pg';

/** Where databases are made: the server of `DATABASE_URL`, or one of our own. */
export interface Databases {
  /** The address of a new, empty database. */
  database(): Promise<string>;
  close(): Promise<void>;
}

export function databases(): Promise<Databases> {
  const url = process.env['DATABASE_URL'];
  return url === undefined ? startPostgres() : databasesAt(url);
}

async function databasesAt(url: string): Promise<Databases> {
  const made: string[] = [];
  return {
    async database() {
      const name = `parley_test_${randomBytes(6).toString('hex')}`;
      await execute(url, `CREATE DATABASE ${name}`);
      made.push(name);
      const address = new URL(url);
      address.pathname = `/${name}`;
      return address.href;
    },
    async close() {
      for (const name of made) await execute(url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Runs statements one by one on a connection of its own, and returns the rows of the last one. */
export async function execute<Row extends object>(url: string, ...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) ({ rows } = await client.query<Row>(statement));
    return rows;
  } finally {
    await client.end();
  }
}
