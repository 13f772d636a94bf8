import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whatever JSON came; tests look into it freely. */
export type Parsed = ReturnType<typeof JSON.parse>;

export interface Received {
  headers: http.IncomingHttpHeaders;
  /** The raw bytes, as text. */
  body: string;
  json: Parsed;
}

/** A webhook receiver that answers the challenge, keeps what it gets, and answers as told. */
export async function startReceiver(
  answer: (received: Received, count: number) => number | 'hang' = () => 200,
  challenge: (value: string | null) => string = (value) => value ?? '',
) {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(challenge(new URL(request.url ?? '/', 'http://receiver').searchParams.get('challenge')));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const item = { headers: request.headers, body, json: JSON.parse(body) };
      received.push(item);
      const status = answer(item, received.length);
      if (status !== 'hang') response.writeHead(status).end();
      for (const check of waiting) check();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    events: () => received.map(({ json }) => json.event as string),
    /** Resolves once this many have arrived. */
    count: (wanted: number) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (received.length < wanted) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for a condition that no event announces; gives up after 4 seconds, before jest does. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 4000;
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error('what the test waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
