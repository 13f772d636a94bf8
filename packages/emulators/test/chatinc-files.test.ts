import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { request } from 'undici';
import { KEY, refusal, useChatInc } from './chatinc-world.js';

const world = useChatInc();
const [AMARA, PIET, FOURTH] = ['447700900101', '447700900102', '447700900104'];
const AUDIENCE = '/create/audience/from/file';
const VARIABLES = '/create/variable/group/from/file';
const SPRING = { name: 'Spring list', id: 'spring_list' };
const ORDER = { name: 'order', id: 'order' };
const ORDER_CSV = `number,first_name,order_no,pay_link\n${AMARA},Amara,B-2207,q8T2\n${PIET},"Piet, jr.",B-2219,r1Z9\n`;

/** Sends bytes as they are, in chunks of this size. */
async function sendRaw(path: string, body: string | Buffer, chunkBytes = 65_536): Promise<[number, string]> {
  const bytes = Buffer.from(body);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const answer = await request(`${world.emulator.origin}/v1${path}`, {
    method: 'POST',
    headers: { authorization: KEY, 'content-type': 'multipart/form-data; boundary=x7' },
    body: Readable.from(chunks(), { objectMode: false }),
  });
  return [answer.statusCode, await answer.body.text()];
}

describe('an audience from a file', () => {
  test('is created by the printed request', async () => {
    const body = [
      '--x7',
      'Content-Disposition: form-data; name="name"',
      '',
      'Spring list',
      '--x7',
      'Content-Disposition: form-data; name="id"',
      '',
      'spring_list',
      '--x7',
      'Content-Disposition: form-data; name="file"; filename="spring_list.csv"',
      'Content-Type: text/csv',
      '',
      `number\n${AMARA}\n${FOURTH}`,
      '--x7--',
      '',
    ].join('\r\n');
    for (const chunkBytes of [65_536, 7]) {
      const [status, text] = await sendRaw(AUDIENCE, body, chunkBytes);
      expect([status, JSON.parse(text)]).toEqual([
        200,
        { status: 'success', audience: { id: 'spring_list', name: 'Spring list' } },
      ]);
      expect(world.emulator.audience('spring_list')).toEqual([AMARA, FOURTH]);
    }
  });

  test('may come in any pieces', async () => {
    const parts = ['name', 'id'].map(
      (name) => `--x7\r\nContent-Disposition: form-data; name="${name}"\r\n\r\na\r\n`,
    );
    const file = '--x7\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
    const head = `${parts.join('')}${file}`;
    const csv = `name;number\nZoë;${AMARA}\n`;
    // The first piece ends in the middle of the header.
    const [status] = await sendRaw(AUDIENCE, `${head}${csv}\r\n--x7--\r\n`, head.length + 3);
    expect([status, world.emulator.audience('a')]).toEqual([200, [AMARA]]);
  });

  test('is added to when it is known', async () => {
    await world.audience('spring_list', PIET);
    await world.upload(AUDIENCE, SPRING, `number\n${AMARA}\n`);
    expect(world.emulator.audience('spring_list')).toEqual([PIET, AMARA]);
    expect((await world.get('/retrieve/audiences')).json).toEqual([
      { id: 'spring_list', name: 'Spring list' },
    ]);
  });

  test('may have its file before its fields', async () => {
    const form = new FormData();
    form.set('file', new Blob([`number\n${AMARA}\n`]), 'a.csv');
    form.set('id', 'a');
    form.set('name', 'A');
    const headers = { authorization: KEY };
    const answer = await fetch(`${world.emulator.origin}/v1${AUDIENCE}`, {
      method: 'POST',
      body: form,
      headers,
    });
    expect([answer.status, world.emulator.audience('a')]).toEqual([200, [AMARA]]);
  });

  test.each([
    ['a byte order mark', `\uFEFFnumber\n${AMARA}\n${PIET}\n`],
    ['other line ends', `number\r\n${AMARA}\r\n${PIET}\r\n`],
    ['semicolons', `number;name\n${AMARA};Amara\n${PIET};"Piet; jr."\n`],
    ['tabs', `name\tnumber\nAmara\t${AMARA}\nPiet\t${PIET}\n`],
    ['quotes', `"number"\n"${AMARA}"\n"+44 7700 900102"\n`],
    ['empty rows, and no end of the last one', `number\n\n${AMARA}\n\n\n${PIET}`],
    ['a number twice', `number\n${AMARA}\n${PIET}\n${AMARA}\n`],
  ])('is read with %s', async (_name, csv) => {
    expect((await world.upload(AUDIENCE, SPRING, csv)).status).toBe(200);
    expect(world.emulator.audience('spring_list')).toEqual([AMARA, PIET]);
  });

  test.each([
    ['', 'file: has no header'],
    [`${AMARA}\n`, 'file: the header has no column "number"'],
    [`number\n${AMARA}\n2.78E+10\n`, 'file: line 3: not a phone number'],
    [`number,name\n${AMARA}\n`, expect.stringContaining('file: Invalid Record Length')],
    [`number\n"${AMARA}\n`, expect.stringContaining('file: Quote Not Closed')],
  ])('is refused whole with %j', async (csv, message) => {
    expect(refusal(await world.upload(AUDIENCE, SPRING, csv))).toEqual([400, message]);
    expect(world.emulator.audience('spring_list')).toBeUndefined();
  });

  test('is refused after a large file has been taken, so that its sender can finish', async () => {
    const csv = `number\nnonsense\n${`${AMARA}\n`.repeat(300_000)}`;
    expect(refusal(await world.upload(AUDIENCE, SPRING, csv))).toEqual([
      400,
      'file: line 2: not a phone number',
    ]);
  });

  test('has no effect when its sender goes away half way', async () => {
    const { port } = new URL(world.emulator.origin);
    const socket = net.connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const part = (name: string) => `--x7\r\nContent-Disposition: form-data; name="${name}"`;
    const head = `${part('id')}\r\n\r\nhalf\r\n${part('name')}\r\n\r\nhalf\r\n${part('file')}; filename="a.csv"\r\n\r\n`;
    socket.write(
      `POST /v1${AUDIENCE} HTTP/1.1\r\nHost: api.broadcast.chatinc.com\r\nAuthorization: ${KEY}\r\n` +
        `Content-Type: multipart/form-data; boundary=x7\r\nContent-Length: 100000\r\n\r\n${head}number\n${AMARA}\n`,
    );
    socket.end();
    while (world.emulator.journal.entries.length === 0) await new Promise(setImmediate);
    expect(world.emulator.audience('half')).toBeUndefined();
    expect((await world.upload(AUDIENCE, SPRING, `number\n${AMARA}\n`)).status).toBe(200);
  });

  test('needs its file, its id and its name', async () => {
    const csv = `number\n${AMARA}\n`;
    expect(refusal(await world.upload(AUDIENCE, SPRING))).toEqual([400, 'file is required']);
    expect(refusal(await world.upload(AUDIENCE, { name: 'x' }, csv))).toEqual([400, 'id is required']);
    expect(refusal(await world.upload(AUDIENCE, { id: 'x' }, csv))).toEqual([400, 'name is required']);
    expect(refusal(await world.post(AUDIENCE, SPRING))).toEqual([415, 'multipart/form-data is required']);
  });

  test('shows in the journal with its fields', async () => {
    await world.upload(AUDIENCE, SPRING, `number\n${AMARA}\n`);
    expect(world.emulator.journal.entries.at(-1)).toMatchObject({
      path: `/v1${AUDIENCE}`,
      body: SPRING,
      status: 200,
    });
  });

  test('may have a hundred thousand rows, as they come', async () => {
    const rows = Array.from({ length: 100_000 }, (_row, index) => 447_700_000_000 + index);
    const head = ['name', 'id'].map(
      (name) => `--x7\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nbig\r\n`,
    );
    const file = '--x7\r\nContent-Disposition: form-data; name="file"; filename="b.csv"\r\n\r\n';
    const [status] = await sendRaw(
      AUDIENCE,
      `${head.join('')}${file}number\n${rows.join('\n')}\r\n--x7--\r\n`,
    );
    expect([status, world.emulator.audience('big')?.length]).toEqual([200, 100_000]);
  });
});

describe('variables from a file', () => {
  test('are rows by number, and make an audience when one is named', async () => {
    const answer = await world.upload(VARIABLES, { ...ORDER, audienceId: 'open_orders' }, ORDER_CSV);
    expect([answer.status, answer.json.status]).toEqual([200, 'success']);
    expect(world.emulator.variableGroup('order')).toEqual({
      [AMARA]: { first_name: 'Amara', order_no: 'B-2207', pay_link: 'q8T2' },
      [PIET]: { first_name: 'Piet, jr.', order_no: 'B-2219', pay_link: 'r1Z9' },
    });
    expect(world.emulator.audience('open_orders')).toEqual([AMARA, PIET]);
    await world.upload(VARIABLES, { ...ORDER, audienceId: 'open_orders' }, `number,x\n${FOURTH},1\n`);
    expect(world.emulator.audience('open_orders')).toEqual([AMARA, PIET, FOURTH]);
  });

  test('make no audience when none is named', async () => {
    await world.upload(VARIABLES, ORDER, ORDER_CSV);
    expect((await world.get('/retrieve/audiences')).json).toEqual([]);
    expect(world.emulator.audience('all')).toEqual([]);
  });

  test('are refused with a column without a name, or a name twice', async () => {
    for (const header of ['number,a,', 'number,a,a'])
      expect(refusal(await world.upload(VARIABLES, ORDER, `${header}\n${AMARA},1,2\n`))).toEqual([
        400,
        'file: the header has a column without a name, or a name twice',
      ]);
    expect(world.emulator.variableGroup('order')).toBeUndefined();
  });

  test('are what was written, whatever it was', async () => {
    const digits = fc.stringMatching(/^[1-9]\d{6,14}$/);
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 });
    const rows = fc.uniqueArray(fc.tuple(digits, cell, cell), {
      minLength: 1,
      maxLength: 8,
      selector: ([number]) => number,
    });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(',', ';', '\t'),
        fc.boolean(),
        async (given, delimiter, isWindows) => {
          const csv = stringify([['number', 'first', 'second'], ...given], {
            delimiter,
            record_delimiter: isWindows ? 'windows' : 'unix',
            quoted: true,
            bom: isWindows,
          });
          world.emulator.switches.variableGroupRepost = 'replace';
          expect((await world.upload(VARIABLES, ORDER, csv)).status).toBe(200);
          expect(world.emulator.variableGroup('order')).toEqual(
            Object.fromEntries(given.map(([number, first, second]) => [number, { first, second }])),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('an image', () => {
  const png = new Blob([Buffer.from('89504e47', 'hex')], { type: 'image/png' });
  const uploadImage = (image: Blob, path = '/utils/upload/image') => {
    const form = new FormData();
    form.set('image', image, 'may sale.png');
    const headers = { authorization: KEY };
    return fetch(`${world.emulator.origin}/v1${path}`, { method: 'POST', body: form, headers });
  };

  test('can be read again at its address, whose blanks are blanks', async () => {
    for (const path of ['/utils/upload/image', '/utils/upload/image%20']) {
      const { status, url } = (await (await uploadImage(png, path)).json()) as {
        status: string;
        url: string;
      };
      expect([status, url]).toEqual(['success', expect.stringMatching(/\/may sale\.png$/)]);
      const image = await fetch(encodeURI(url));
      expect([
        image.headers.get('content-type'),
        Buffer.from(await image.arrayBuffer()).toString('hex'),
      ]).toEqual(['image/png', '89504e47']);
    }
    expect((await fetch(`${world.emulator.origin}/images/nothing/x.png`)).status).toBe(404);
  });

  test('is a JPEG or a PNG of 5 MB at most', async () => {
    expect((await uploadImage(new Blob(['x'], { type: 'image/gif' }))).status).toBe(400);
    const large = new Blob([Buffer.alloc(5 * 1024 * 1024 + 1)], { type: 'image/jpeg' });
    expect((await uploadImage(large)).status).toBe(413);
    expect(refusal(await world.upload('/utils/upload/image', { x: 'y' }))).toEqual([
      400,
      'image is required',
    ]);
  });
});
