import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BotUnderTest } from './quiet-bot.js';

export interface WebhookListener {
  readonly origin: string;
  close(): Promise<void>;
}

/** The shortest door to a bot: for a test on loopback, without the limits a server needs. */
export async function listenFor(bot: BotUnderTest): Promise<WebhookListener> {
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const account = url.split('?')[0]?.split('/').at(-1) ?? '';
    const answer = await bot.webhook(account, { method, url, headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
