import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What the server does with one request, after it has read it. */
export type Behaviour = (response: ServerResponse, seen: Seen, request: IncomingMessage) => void;

export interface OddServer {
  readonly origin: string;
  /** Every request that was read, in order. */
  readonly seen: Seen[];
  /** What the next requests get; the last one stays. */
  behave(...behaviours: Behaviour[]): void;
  close(): Promise<void>;
}

/** A server on loopback that does what it is told, however wrong. */
export async function oddServer(): Promise<OddServer> {
  const seen: Seen[] = [];
  let script: Behaviour[] = [json({})];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(entry);
      const behaviour = script.length > 1 ? script.shift() : script[0];
      behaviour?.(response, entry, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    behave: (...behaviours) => {
      script = behaviours;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function text(body: string, status = 200, contentType = 'text/html'): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType });
    response.end(body);
  };
}

/** Reads everything, says nothing, hangs up. */
export const hangUp: Behaviour = (_response, _seen, request) => {
  request.socket.resetAndDestroy();
};

export const sayNothing: Behaviour = () => {};
