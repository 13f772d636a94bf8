// A provider that takes every message, in a process of its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let messages = 0;

/** The stored message, as `POST /v2/conversations/:id/messages` answers (developers.web1on1.chat, messaging/chatbubblesandcards). */
function stored(conversation: string, message: Record<string, unknown>): string {
  messages += 1;
  const at = new Date().toISOString();
  return JSON.stringify({
    id: `64e2${messages.toString(16).padStart(20, '0')}`,
    organization: '64b1f0c2a7d3e90012c4aa01',
    conversation,
    type: 'chat',
    user: '64aa11bb22cc33dd44ee55ff',
    contentType: 'text/plain',
    ...message,
    createdAt: at,
    updatedAt: at,
  });
}

/** As `POST /v1/website/:website/conversation/:session/message` answers (docs.crisp.chat, references/rest-api/v1). */
function dispatched({ fingerprint }: Record<string, unknown>): string {
  messages += 1;
  return JSON.stringify({ error: false, reason: 'dispatched', data: { fingerprint } });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    // Somebody looks for a message of a process that was killed: it never came.
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('[]');
      return;
    }
    const [, version, , conversation = ''] = request.url?.split('/') ?? [];
    const message = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
    const isCrisp = version === 'v1';
    const answer = isCrisp ? dispatched(message) : stored(conversation, message);
    response.writeHead(isCrisp ? 202 : 201, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1');

/** Whoever writes to a process that sleeps pays for waking it, and so a slow client would pay more than a fast one. */
function stayAwake(): void {
  if (process.connected) setImmediate(stayAwake);
}

export interface ProviderOrder {
  /** True: never sleeps, see `stayAwake`. For measurements of one process that has a core of its own. */
  awake: boolean;
}

export interface ProviderReport {
  origin: string;
  /** Messages taken so far. */
  messages: number;
}

process.on('message', ({ awake }: ProviderOrder) => {
  if (awake) stayAwake();
  const tell = (): void => {
    const { port } = server.address() as AddressInfo;
    const report: ProviderReport = { origin: `http://127.0.0.1:${port}`, messages };
    process.send?.(report);
  };
  if (server.listening) tell();
  else server.once('listening', tell);
});
process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
});
