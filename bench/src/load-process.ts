// Loads a server from a process of its own, on plain sockets and with requests that are encoded beforehand: a real HTTP client
// takes as much CPU as the server that it is to keep busy.
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { signedWebhooks } from './webhooks.js';

export interface LoadOrder {
  port: number;
  path: string;
  /** Each sends its share of the calls, one after the other. */
  connections: number;
  calls: number;
  conversations: number;
}

export interface LoadReport {
  /** Answered with 200. */
  accepted: number;
  /** From the first request to the last answer. */
  seconds: number;
}

interface Client {
  socket: Socket;
  requests: Buffer[];
}

async function open({ port, path, connections, calls, conversations }: LoadOrder): Promise<Client[]> {
  const requests = signedWebhooks(calls, conversations).map(({ body, headers }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
  });
  const share = calls / connections;
  const opening = Array.from({ length: connections }, async (_, index) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return { socket, requests: requests.slice(index * share, (index + 1) * share) };
  });
  return Promise.all(opening);
}

/** Sends the next request when the last one is answered. All answers are empty: they end with their head. */
function run({ socket, requests }: Client): Promise<number> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let accepted = 0;
    let answer = '';
    const next = (): void => {
      const request = requests[sent];
      sent += 1;
      if (request !== undefined) {
        socket.write(request);
        return;
      }
      socket.destroy();
      resolve(accepted);
    };
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!answer.endsWith('\r\n\r\n')) return;
      if (answer.startsWith('HTTP/1.1 200 ')) accepted += 1;
      answer = '';
      next();
    });
    socket.once('error', reject);
    next();
  });
}

let clients: Client[] = [];

/** Whoever answers a process that sleeps pays for waking it, and so a slow server would pay more than a fast one. */
function stayAwake(): () => NodeJS.Immediate {
  let next: NodeJS.Immediate;
  const again = (): void => {
    next = setImmediate(again);
  };
  again();
  return () => next;
}

async function fire(): Promise<LoadReport> {
  const awake = stayAwake();
  const began = performance.now();
  const counts = await Promise.all(clients.map(run));
  clearImmediate(awake());
  const seconds = (performance.now() - began) / 1000;
  return { accepted: counts.reduce((sum, count) => sum + count, 0), seconds };
}

process.on('message', (message: { prepare: LoadOrder } | { fire: true }) => {
  if ('prepare' in message) {
    void open(message.prepare).then((opened) => {
      clients = opened;
      process.send?.({ prepared: true });
    });
  } else {
    void fire().then((report) => process.send?.(report));
  }
});
