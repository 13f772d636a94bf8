import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import { chatinc } from '../src/index.js';

const MANY = 200_000;

let server: Awaited<ReturnType<typeof startServer>>;
afterEach(() => server.close());

/** A campaign that is sent to many once its list was read twice, and delivered after that. It makes its rows as they are read. */
async function startServer(rows: number) {
  let lists = 0;
  const written = { rows: 0 };
  function* answer(format: string): Generator<string> {
    const status = lists < 4 ? 'sent' : 'delivered';
    const isCsv = format === 'csv';
    yield isCsv ? 'number,action,status\n' : '[';
    for (let from = 0; from < rows; from += 1_000) {
      const some = Array.from({ length: 1_000 }, (_, index) => {
        const number = String(447_700_000_000 + from + index);
        return isCsv ? `${number},,${status}\n` : JSON.stringify({ number, action: '', status });
      });
      written.rows += 1_000;
      yield isCsv ? some.join('') : `${from === 0 ? '' : ','}${some.join(',')}`;
    }
    if (!isCsv) yield ']';
  }
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.url?.endsWith('/retrieve/campaign')) {
        pipeline(Readable.from(answer(JSON.parse(body).format)), response, () => {});
        return;
      }
      lists += 1;
      const totals = { totalSent: lists < 3 ? 0 : rows, totalDelivered: lists < 4 ? 0 : rows };
      const campaign = { campaignId: 'c_1', ...totals, runs: lists < 3 ? [] : [{}] };
      response.end(JSON.stringify([{ ...campaign, whatsAppTemplatesStatus: 'APPROVED' }]));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    written,
    base: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(resolve));
    },
  };
}

test('results of many people are read and told in a heap that cannot hold the answer', async () => {
  server = await startServer(MANY);
  const onSources = pathToFileURL(join(import.meta.dirname, '../../../scripts/on-sources.ts')).href;
  const script = join(import.meta.dirname, 'results-process.ts');
  // A process whose heap is full ends with an error.
  const heap = ['--max-old-space-size=64', '--max-semi-space-size=8'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...heap,
    '--import',
    onSources,
    script,
    server.base,
  ]);
  const { people, events } = JSON.parse(stdout);
  expect(people).toBe(MANY);
  expect(events).toMatchObject({
    'campaign.started': 1,
    'message.sent': MANY,
    'message.delivered': MANY,
  });
});

describe.each(['json', 'csv'] as const)('details as %s', (format) => {
  test('are fetched no faster than somebody reads, and no further than that', async () => {
    server = await startServer(5_000_000);
    const { api, close } = chatinc({ apiKey: 'ck_test', baseUrl: server.base }).open(
      standaloneAccount('promo'),
    );
    let read = 0;
    for await (const { number } of api.eachCampaignDetail({ campaignId: 'c_1', format })) {
      expect(number).toBe(String(447_700_000_000 + read));
      read += 1;
      if (read === 10_000) break;
    }
    expect(server.written.rows).toBeLessThan(1_000_000);
    await close();
  });

  test('that nobody reads on end with the account', async () => {
    server = await startServer(5_000_000);
    const { api, close } = chatinc({ apiKey: 'ck_test', baseUrl: server.base }).open(
      standaloneAccount('promo'),
    );
    const rows = api.eachCampaignDetail({ campaignId: 'c_1', format })[Symbol.asyncIterator]();
    await rows.next();
    await close();
    const rest = (async () => {
      while (!(await rows.next()).done);
    })();
    await expect(rest).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });
});
