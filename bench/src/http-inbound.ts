import { serve } from '@parley/server';
import Fastify from 'fastify';
import type { BenchOptions } from './benchmarks.js';
import { startCountingBot } from './bots.js';
import { startHelper } from './helper-process.js';
import type { LoadOrder, LoadReport } from './load-process.js';
import { cpuMicros, interleave, median, scaled } from './measure.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { WEB1ON1 } from './web1on1-wire.js';

const CONVERSATIONS = 2000;
const CONNECTIONS = 50;

/**
 * Webhooks over loopback, against bare fastify that verifies and parses. Counted per second of this process's CPU: what one
 * core answers when it is busy with nothing else, whether or not the other process can load it fully.
 */
export async function httpInbound({ effort, cores }: BenchOptions): Promise<Measured[]> {
  const calls = CONNECTIONS * scaled(200, effort, 1);
  await using load = startHelper('load-process', cores?.others);
  await using counting = await startCountingBot();
  await using ourServer = await serveBot(counting);
  await using bareServer = await serveBare();
  const onTheWire = { floor: [] as number[], ours: [] as number[] };

  const round = async (who: 'floor' | 'ours'): Promise<number> => {
    const order: LoadOrder = {
      port: Number(new URL(who === 'floor' ? bareServer.origin : ourServer.origin).port),
      path: '/webhooks/bench',
      connections: CONNECTIONS,
      calls,
      conversations: CONVERSATIONS,
    };
    await load.ask({ prepare: order });
    const micros = await cpuMicros(async () => {
      const handled = who === 'ours' ? counting.handled(calls) : undefined;
      const { accepted, seconds } = (await load.ask({ fire: true })) as LoadReport;
      if (accepted !== calls) throw new Error(`${who} accepted ${accepted} of ${calls} webhooks`);
      await handled;
      onTheWire[who].push(calls / seconds);
    });
    return (calls / micros) * 1e6;
  };

  const { floor, ours } = await interleave(scaled(8, effort, 1), {
    floor: () => round('floor'),
    ours: () => round('ours'),
  });
  const wire = [onTheWire.ours, onTheWire.floor].map((rates) =>
    Math.round(median(rates)).toLocaleString('en'),
  );
  const note = `on the wire: ${wire[0]} requests/s, floor ${wire[1]}`;
  return [
    judged(
      { name: 'inbound over HTTP', unit: 'requests per CPU s', floor, ours, note },
      'ratio >= budget',
      0.75,
    ),
  ];
}

interface Served extends AsyncDisposable {
  origin: string;
}

async function serveBot({ bot }: Awaited<ReturnType<typeof startCountingBot>>): Promise<Served> {
  const server = await serve(bot, { port: 0 });
  return {
    origin: server.origin,
    [Symbol.asyncDispose]: async () => {
      await server.close();
    },
  };
}

/** Fastify as it is, with the raw body, doing what cannot be left out. */
async function serveBare(): Promise<Served> {
  const app = Fastify({ forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, keep) => keep(null, body));
  let handled = 0;
  app.post('/webhooks/:account', (request, reply) => {
    const { headers } = request;
    const fits = WEB1ON1.verifyAndParse({ headers, body: request.body as Buffer }, () => {
      handled += 1;
    });
    return reply.code(fits ? 200 : 401).send('');
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, [Symbol.asyncDispose]: () => app.close() };
}
