import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import Fastify from 'fastify';
import { handle, parleyPlugin, type ServedBot, serve } from '../src/index.js';

/** A bot behind a real socket. */
export interface Front {
  origin: string;
  close(): Promise<unknown>;
}

export const LIMIT = 64 * 1024;

/** Every way to put a bot on the network; the same tests run over each of them. */
export const fronts: Record<string, (bot: ServedBot) => Promise<Front>> = {
  'serve()': (bot) => serve(bot, { port: 0, prefix: '/chat', bodyLimitBytes: LIMIT }),

  'the fastify plugin': async (bot) => {
    const app = Fastify();
    app.register(parleyPlugin, { bot, prefix: '/chat', bodyLimitBytes: LIMIT });
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },

  'handle() in express': async (bot) => {
    const app = express();
    app.disable('x-powered-by');
    app.use('/chat', bridge(handle(bot, { prefix: '/chat', bodyLimitBytes: LIMIT })));
    return listen(createServer(app));
  },

  'handle() in node:http': async (bot) =>
    listen(createServer(bridge(handle(bot, { prefix: '/chat', bodyLimitBytes: LIMIT })))),
};

/** The bridge of the README: from node's request and response to fetch's. */
function bridge(answer: (request: Request) => Promise<Response>) {
  const pass = async (
    req: IncomingMessage & { originalUrl?: string },
    res: ServerResponse,
  ): Promise<void> => {
    const method = req.method ?? 'GET';
    const headers = Object.entries(req.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    );
    const body = method === 'GET' || method === 'HEAD' ? null : Readable.toWeb(req);
    const url = `http://localhost${req.originalUrl ?? req.url}`;
    const response = await answer(new Request(url, { method, headers, body, duplex: 'half' }));
    res.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body === null) res.end();
    else await pipeline(Readable.fromWeb(response.body), res).catch(() => {});
  };
  return (req: IncomingMessage, res: ServerResponse): void => {
    void pass(req, res);
  };
}

async function listen(server: Server): Promise<Front> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
