import { createHash } from 'node:crypto';
import { chmod, realpath, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Engine, isParleyError, ParleyError } from '@parley/core';
import type { FastifyInstance } from 'fastify';
import { codeOf } from './error-code.js';
import { isFileEngine, operationsOf } from './operations.js';

/** A server of the operations of an engine. */
export interface OperationsServer {
  /** Of the socket. */
  readonly path: string;
  close(): Promise<void>;
}

/** The shortest limit there is on the path of a socket (macOS); Linux has 107. */
const LONGEST_PATH_BYTES = 103;

/** A value of state is bounded by nothing but sense. */
const LONGEST_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Where the process that has the engine's file open answers: `bot.db.sock` beside `bot.db`; on Windows a named pipe.
 *
 * @throws ERR_CONFIG if there is no such file
 */
export async function operationsPath(file: string): Promise<string> {
  const real = await realpath(file).catch((cause: unknown) => {
    const why = 'no bot was started with it yet, or it is elsewhere: name it with its folder';
    throw new ParleyError('ERR_CONFIG', `There is no file ${file}: ${why}`, { cause });
  });
  if (process.platform !== 'win32') return `${real}.sock`;
  return join(
    '//./pipe',
    `parley-${createHash('sha256').update(real.toLowerCase()).digest('hex').slice(0, 32)}`,
  );
}

/**
 * Lets other processes of the same user see and redrive dead letters, read the figures, erase and back up, while this one
 * has the engine's file open: HTTP on a socket beside the file, for its owner only (0600). `serve` does this by itself. Call it
 * once the bot runs, and close it before the bot: only who has the file open may have the socket.
 *
 * @returns undefined for an engine that is no file: any process can open that one
 * @throws ERR_CONFIG if there can be no socket: the path is too long, or the folder may not be written
 */
export async function serveOperations(engine: Engine): Promise<OperationsServer | undefined> {
  if (!isFileEngine(engine)) return undefined;
  const path = await operationsPath(engine.file);
  const app = await createApp(engine);
  if (process.platform === 'win32') await app.listen({ path });
  else await listenForOwner(app, path);
  return {
    path,
    async close() {
      await rm(path, { force: true });
      await app.close();
    },
  };
}

/** The socket gets its name once it is for its owner only, and takes the place of one that a killed process left. */
async function listenForOwner(app: FastifyInstance, path: string): Promise<void> {
  const first = shortest(`${path}.${process.pid}`);
  try {
    await rm(first, { force: true });
    await app.listen({ path: first });
    await chmod(first, 0o600);
    await rename(first, path);
  } catch (cause) {
    await app.close();
    throw new ParleyError('ERR_CONFIG', `There can be no socket ${path}: ${codeOf(cause)}.`, { cause });
  }
}

/**
 * A name for the same socket that fits into what an address of a socket may be.
 *
 * @throws ERR_CONFIG if none does
 */
export function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  const shorter = fromHere.length < path.length ? fromHere : path;
  if (Buffer.byteLength(shorter) <= LONGEST_PATH_BYTES) return shorter;
  throw new ParleyError(
    'ERR_CONFIG',
    `There can be no socket ${path}: its name is longer than ${LONGEST_PATH_BYTES} bytes; start the process in the folder of the file.`,
  );
}

/** fastify is loaded by who serves: the commands of `parley` most often only ask. */
async function createApp(engine: Engine): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: LONGEST_BODY_BYTES });
  const operations: Record<string, (...given: never[]) => Promise<unknown>> = { ...operationsOf(engine) };
  app.post<{ Params: { name: string }; Body: { arguments?: never[] } | undefined }>(
    '/:name',
    async (request, reply) => {
      const { name } = request.params;
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (operation === undefined)
        return reply.code(404).send({
          code: 'ERR_UNSUPPORTED',
          message: `The running bot knows no "${name}": it is of another version.`,
        });
      return { result: await operation(...(request.body?.arguments ?? [])) };
    },
  );
  app.setErrorHandler((error, _request, reply) => {
    const { code, message } = isParleyError(error) ? error : foreign(error);
    return reply.code(500).send({ code, message });
  });
  return app;
}

/** Of another's error only its code is told: its words may be of what was stored. */
function foreign(error: unknown): { code: string; message: string } {
  const code = codeOf(error);
  return {
    code: 'ERR_UNAVAILABLE',
    message: `The operation failed${code === undefined ? '' : ` (${code})`}.`,
  };
}
