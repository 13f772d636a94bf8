import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ErrorCode, ParleyError } from '@parley/core';
import { codeOf } from './error-code.js';
import type { Operations } from './operations.js';
import { operationsPath, shortest } from './operations-socket.js';

/**
 * The operations of the bot that has this engine's file open in another process, or undefined if none answers there: then
 * the file can be opened, or the bot does not serve them.
 *
 * @throws ERR_CONFIG if there is no such file, ERR_FORBIDDEN if the bot runs as another user
 */
export async function connectOperations(file: string): Promise<Operations | undefined> {
  const socketPath = shortest(await operationsPath(file));
  if (!(await isServed(socketPath))) return undefined;
  const call = async <T>(name: keyof Operations, ...given: unknown[]): Promise<T> =>
    (await ask(socketPath, name, given)) as T;
  return {
    stats: () => call('stats'),
    listDeadLetters: (query) => call('listDeadLetters', query),
    getDeadLetter: (id) => call('getDeadLetter', id),
    redrive: (id) => call('redrive', id),
    redriveAll: (query) => call('redriveAll', query),
    dropDeadLetter: (id) => call('dropDeadLetter', id),
    erase: (scopes) => call('erase', scopes),
    readState: (scope, kind) => call('readState', scope, kind),
    writeState: (write) => call('writeState', write),
    backup: (to) => call('backup', to),
  };
}

async function isServed(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch (cause) {
    const code = codeOf(cause);
    // No socket, or one that a killed process left behind.
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    throw new ParleyError(
      'ERR_FORBIDDEN',
      `Cannot reach the bot through ${socketPath}: ${code}; run this as the bot's user.`,
      { cause },
    );
  } finally {
    socket.destroy();
  }
}

async function ask(socketPath: string, name: string, given: unknown[]): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const asked = request({ socketPath, method: 'POST', path: `/${name}`, headers, agent: false });
  asked.end(JSON.stringify({ arguments: given }));
  const { status, body } = await answerTo(asked).catch((cause: unknown) => {
    throw new ParleyError('ERR_OUTCOME_UNKNOWN', `The bot ended before it answered "${name}".`, { cause });
  });
  if (status === 200) return body.result;
  throw new ParleyError(body.code ?? 'ERR_UNAVAILABLE', body.message ?? `The bot refused "${name}".`);
}

interface Answer {
  result?: unknown;
  code?: ErrorCode;
  message?: string;
}

async function answerTo(asked: ClientRequest): Promise<{ status: number | undefined; body: Answer }> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) as Answer };
}
