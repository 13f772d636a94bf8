import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Place } from './place.js';

const FILE = fileURLToPath(new URL(`./database-process${extname(import.meta.url)}`, import.meta.url));

/** A PostgreSQL server of our own. It ends with this process at the latest. */
export async function startServer(): Promise<Place> {
  const child = fork(FILE, [], { stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = once(child, 'exit');
  const [first] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string } | number | null];
  if (typeof first !== 'object' || first === null) throw new Error('The PostgreSQL server did not start');
  return {
    address: first.url,
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** A database of its own on the server at `url`, dropped at the end. */
export async function makeDatabase(url: string): Promise<Place> {
  const name = `parley_torture_${randomBytes(6).toString('hex')}`;
  await run(url, `CREATE DATABASE ${name}`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return { address: address.href, close: () => run(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
