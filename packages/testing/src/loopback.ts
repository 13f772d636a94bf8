import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookRequest } from '@parley/core';

/** A listener on a free port of this machine. */
export interface Loopback {
  /** For example `http://127.0.0.1:4711`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Hands every request over as it came, raw bytes and all. A sender that hangs up in the middle is nobody's error. */
export async function listenOnLoopback(
  answer: (request: WebhookRequest, response: ServerResponse) => void | Promise<void>,
): Promise<Loopback> {
  const server = createServer((request, response) => {
    const answering = async (): Promise<void> => answer(await raw(request), response);
    answering().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function raw(request: IncomingMessage): Promise<WebhookRequest> {
  const { method = 'GET', url = '/', headers } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { method, url, headers, body: Buffer.concat(chunks) };
}
