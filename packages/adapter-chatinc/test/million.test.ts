import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const MILLION = 1_000_000;
const LINE_FEED = 10;

/** Reads everything and keeps nothing but the number of lines, by path. */
async function countingServer() {
  const lines = new Map<string, number>();
  const server = createServer((request, response) => {
    const { url = '' } = request;
    request.on('data', (chunk: Buffer) => {
      let found = 0;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) found += 1;
      lines.set(url, (lines.get(url) ?? 0) + found);
    });
    request.on('end', () => response.end('{"status":"success"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    lines,
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test('a million people are told of in one pass, in a heap that cannot hold them', async () => {
  const server = await countingServer();
  const onSources = pathToFileURL(join(import.meta.dirname, '../../../scripts/on-sources.ts')).href;
  const script = join(import.meta.dirname, 'address-process.ts');
  // A process whose heap is full ends with an error.
  const args = [
    '--max-old-space-size=64',
    '--max-semi-space-size=8',
    '--import',
    onSources,
    script,
    server.base,
    String(MILLION),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  await server.close();
  // The form around the file: two fields of four lines each, four lines before the file and two after it, and the header.
  expect(Object.fromEntries(server.lines)).toEqual({
    '/v1/create/audience/from/file': MILLION + 15,
    '/v1/create/variable/group/from/file': MILLION + 15,
  });
  // Outside of the heap are buffers on their way, and how many depends on how busy the machine is: 125 MB in all when it is not.
  expect(Number(stdout)).toBeLessThan(350);
});
