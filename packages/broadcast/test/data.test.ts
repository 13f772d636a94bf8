import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { readEmail, readPhone } from '../src/address.js';
import { createAddressSet } from '../src/address-set.js';
import { type CsvRow, readCsv, writeCsv } from '../src/csv.js';
import { checkPlaceholders, placeholdersOf, render } from '../src/placeholders.js';

async function rowsOf(content: string | Buffer, pieceSize = 16_384): Promise<CsvRow[]> {
  const bytes = Buffer.from(content);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, index) =>
    bytes.subarray(index * pieceSize, (index + 1) * pieceSize),
  );
  return (await allOf(readCsv(Readable.from(pieces)))).flat();
}

async function allOf<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of iterable) all.push(each);
  return all;
}

async function cellsOf(content: string | Buffer): Promise<(readonly string[])[]> {
  return (await rowsOf(content)).flatMap((row) => ('cells' in row ? [row.cells] : []));
}

async function badLinesOf(content: string | Buffer): Promise<number[]> {
  return (await rowsOf(content)).flatMap((row) => ('reason' in row ? [row.line] : []));
}

async function textOf(columns: string[], rows: string[][]): Promise<string> {
  return (await allOf(writeCsv(columns, rows))).join('');
}

describe('CSV', () => {
  test.each([
    ['commas', 'phone,name\n1,Noor\n'],
    ['semicolons, as spreadsheets write where the comma is in numbers', 'phone;name\n1;Noor\n'],
    ['tabs', 'phone\tname\n1\tNoor\n'],
    ['a byte order mark', '\uFEFFphone,name\n1,Noor\n'],
    ['a byte order mark before a quote', '\uFEFF"phone","name"\n1,Noor\n'],
    ['the line ends of Windows', 'phone,name\r\n1,Noor\r\n'],
    ['the line ends of old Macs', 'phone,name\r1,Noor\r'],
    ['no line end at the end', 'phone,name\n1,Noor'],
    ['lines without a word', '\nphone,name\n\n,\n1,Noor\n  ,\n\n'],
    ['more delimiters than columns', 'phone,name\n1,Noor,,\n'],
  ])('is read with %s', async (_, content) => {
    expect(await cellsOf(content)).toEqual([
      ['phone', 'name'],
      ['1', 'Noor'],
    ]);
  });

  test('is read with quotes, and delimiters, quotes and line ends inside of them', async () => {
    expect(await cellsOf('name,note\n"de Wit, Noor","says ""hi""\r\nand leaves"\n')).toEqual([
      ['name', 'note'],
      ['de Wit, Noor', 'says "hi"\r\nand leaves'],
    ]);
  });

  test('is taken apart by the delimiter of its first line, whatever stands below', async () => {
    expect(await cellsOf('name;price\nNoor;1,50\n')).toEqual([
      ['name', 'price'],
      ['Noor', '1,50'],
    ]);
  });

  test('counts lines as an editor does, also through cells of several lines', async () => {
    const content = 'name,note\r\nNoor,"a\r\nb\r\nc"\r\n\r\nPiet,x\r\n';
    expect((await rowsOf(content)).map(({ line }) => line)).toEqual([1, 2, 6]);
  });

  test('names the rows with too few or too many cells, and goes on', async () => {
    const rows = await rowsOf('a,b\n1\n1,2\n1,2,3\n3,4\n');
    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, reason: 'has 1 cells, and the first line has 2' },
      { line: 3, cells: ['1', '2'] },
      { line: 4, reason: 'has 3 cells, and the first line has 2' },
      { line: 5, cells: ['3', '4'] },
    ]);
  });

  test('names a row whose quote never ends, and loses no row below it', async () => {
    const content = 'a,b\n1,"never closed\n2,x\n3,"y"\n4,z\n';
    expect(await badLinesOf(content)).toEqual([2]);
    expect((await cellsOf(content)).slice(1)).toEqual([
      ['2', 'x'],
      ['3', 'y'],
      ['4', 'z'],
    ]);
  });

  test('names a row whose quote is closed by another row', async () => {
    const content = 'a,b,c\n1,"open,x\n2,y,"\n3,y,z\n';
    expect(await badLinesOf(content)).toEqual([2, 3]);
    expect((await cellsOf(content)).slice(1)).toEqual([['3', 'y', 'z']]);
  });

  test('names a row with a quote inside a cell', async () => {
    expect(await badLinesOf('a,b\n1,5" pipe\n2,x\n')).toEqual([2]);
  });

  test('loses no row below a quote that is open for longer than any row is', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `${index},x`).join('\n');
    const content = `a,b\n0,"open\n${many}\n`;
    expect(await badLinesOf(content)).toEqual([2]);
    expect(await cellsOf(content)).toHaveLength(20_001);
  });

  test('names rows that are not UTF-8, and reads the others', async () => {
    const latin1 = Buffer.from('a,b\n1,café\n2,cafe\n', 'latin1');
    expect(await rowsOf(latin1)).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, reason: expect.stringContaining('UTF-8') },
      { line: 3, cells: ['2', 'cafe'] },
    ]);
  });

  test.each([
    ['UTF-16', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le')],
    ['one endless line', Buffer.alloc(2_000_000, 'x')],
  ])('refuses a file that is %s', async (_, content) => {
    await expect(rowsOf(content)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('CSV UTF-8'),
    });
  });

  test('has no rows if it is empty', async () => {
    expect(await rowsOf('')).toEqual([]);
    expect(await rowsOf('\r\n\r\n')).toEqual([]);
  });

  test('may have a column called as a part of every object', async () => {
    expect(await cellsOf('__proto__,constructor\n1,2\n')).toEqual([
      ['__proto__', 'constructor'],
      ['1', '2'],
    ]);
  });

  test('says the same however its bytes are cut, and after being written', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'é', '🙂', '"', ',', ';', '\t', '\n', '\r', ' ', '+', '=', "'"),
    });
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 50 }), async (rows, pieceSize) => {
        const columns = (rows[0] ?? ['', '']).map((_, index) => `column ${index}`);
        const written = await textOf(columns, rows);
        const read = await rowsOf(written, pieceSize);
        const isWord = (row: string[]) => row.some((each) => each.trim() !== '' || /^[\t\r]/.test(each));
        expect(read.map((row) => 'cells' in row && row.cells.map(withoutApostrophe))).toEqual(
          [columns, ...rows.filter(isWord)].map((row) => row.map(withoutApostrophe)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('is written so that a spreadsheet runs nothing in it, and numbers stay numbers', async () => {
    const row = ['=1+1', '+cmd|x', '@SUM(A1)', '-2+3', '\t=1', '+31612345678', '-5', 'a=b'];
    const [, cells] = await cellsOf(
      await textOf(
        row.map((_, index) => `c${index}`),
        [row],
      ),
    );
    expect(cells).toEqual(["'=1+1", "'+cmd|x", "'@SUM(A1)", "'-2+3", "'\t=1", '+31612345678', '-5', 'a=b']);
  });
});

function withoutApostrophe(cell: string): string {
  return cell.replace(/^'(?=[=+\-@\t\r])/, '');
}

describe('a phone number', () => {
  test.each([
    ['+31600000000', '+31600000000'],
    ['447700900101', '+447700900101'],
    ['+44 7700 900101', '+447700900101'],
    ['0031 6 12345678', '+31612345678'],
    ['+31 (0)6-1234 5678', '+31612345678'],
    ["'+31612345678", '+31612345678'],
    ['\u202a+31\u00a06\u201112345678\u202c', '+31612345678'],
    ['+1 (212) 555-1234', '+12125551234'],
    ['4917012345678.0', '+4917012345678'],
    ['4917012345678,00', '+4917012345678'],
    ["'+4917012345678.0", '+4917012345678'],
    ['+49.170.123.456.78', '+4917012345678'],
  ])('is read from %s', (text, value) => {
    expect(readPhone(text)).toEqual({ value });
  });

  test.each([
    ['0612345678', 'NL', '+31612345678'],
    ['31612345678', 'NL', '+31612345678'],
    ['612345678', 'NL', '+31612345678'],
    ['612345678.0', 'NL', '+31612345678'],
    ['447700900101', 'NL', '+447700900101'],
    ['447700900101', 'GB', '+447700900101'],
    ['(212) 555-1234', 'US', '+12125551234'],
    ['+31612345678', 'US', '+31612345678'],
  ])('is read from %s where the country is %s', (text, country, value) => {
    expect(readPhone(text, country)).toEqual({ value });
  });

  test.each([
    ['', 'has no phone number'],
    ['0612345678', 'set country'],
    ['12345', 'there can be no such'],
    ['+999123456789', 'there can be no such'],
    ['+316123456789012345', 'there can be no such'],
    ['4.47701E+11', 'scientific notation'],
    ['4,47701E+11', 'scientific notation'],
    ['+4.47701E+11', 'scientific notation'],
    ['4.47701 e+11', 'scientific notation'],
    ['4917012345678.5', 'decimals'],
    ['+4917012345678,25', 'decimals'],
    ['06-CALL-ME', 'something else than digits'],
    ['+31612345678 ext. 5', 'something else than digits'],
  ])('is not read from "%s"', (text, reason) => {
    expect(readPhone(text)).toEqual({ reason: expect.stringContaining(reason) });
  });

  test('that has been read is read as the same ever after, from wherever it was', () => {
    const countries = fc.constantFrom(...getCountries());
    const digits = fc.stringMatching(/^[0-9]{4,12}$/);
    const start = fc.constantFrom('', '0', '00', '+', 'code', 'code(0)', 'code00');
    fc.assert(
      fc.property(countries, start, digits, (country, before, rest) => {
        const code = before.replace('code', `+${getCountryCallingCode(country)}`);
        const reading = readPhone(code + rest, country);
        if ('value' in reading) expect(readPhone(reading.value)).toEqual(reading);
      }),
      {
        numRuns: 5000,
        examples: [
          ['JE', '0', '503361784'],
          ['CA', '0', '857152'],
          ['BR', 'code00', '76398277'],
        ],
      },
    );
  });

  test('never shows the number in what is wrong with it', () => {
    const digits = fc.stringMatching(/^\+?[0-9. ()E+-]{5,20}$/);
    fc.assert(
      fc.property(digits, fc.constantFrom(undefined, 'NL', 'US'), (text, country) => {
        const reading = readPhone(text, country);
        if ('reason' in reading) expect(reading.reason).not.toMatch(/\d{4}/);
      }),
    );
  });

  test('is read as the library reads it until it takes nothing more away, which is more than a zero from some', () => {
    const readByLibrary = (text: string): ReturnType<typeof parsePhoneNumberFromString> => {
      const number = parsePhoneNumberFromString(text);
      return number?.isPossible() && number.number !== text ? readByLibrary(number.number) : number;
    };
    const codes = fc.constantFrom(
      ...getCountries().map((country) => getCountryCallingCode(country)),
      '800',
      '999',
    );
    const number = fc
      .tuple(codes, fc.stringMatching(/^[0-9]{4,12}$/))
      .map(([code, rest]) => ({ code, rest }));
    fc.assert(
      fc.property(number, ({ code, rest }) => {
        const text = `+${code}${rest}`;
        const theirs = readByLibrary(text);
        const ours = readPhone(text);
        if (!theirs?.isPossible()) expect(ours).toHaveProperty('reason');
        else
          expect(ours).toEqual({
            value: rest.startsWith('0') ? theirs.number : expect.stringMatching(/^\+/),
          });
        if (theirs?.number === text && theirs.isPossible()) expect(ours).toEqual({ value: text });
      }),
      { numRuns: 5000 },
    );
  });

  test('is the same however it is written', () => {
    const national = fc.integer({ min: 10_000_000, max: 99_999_999 }).map((digits) => `6${digits}`);
    const blanks = fc.array(fc.constantFrom('', ' ', '-', '.', '\u00a0'), { minLength: 9, maxLength: 9 });
    const before = fc.constantFrom('+31', '0031', '31', '+31 (0)');
    fc.assert(
      fc.property(national, blanks, before, (digits, between, start) => {
        const written = start + Array.from(digits, (digit, index) => `${between[index]}${digit}`).join('');
        expect(readPhone(written)).toEqual({ value: `+31${digits}` });
      }),
    );
  });
});

describe('an e-mail address', () => {
  test.each([
    ['Noor.de-Wit+x@Example.COM', 'Noor.de-Wit+x@example.com'],
    [' noor@mail.example.co.uk ', 'noor@mail.example.co.uk'],
    ['noor@bücher.example', 'noor@bücher.example'],
  ])('is read from %s', (text, value) => {
    expect(readEmail(text)).toEqual({ value });
  });

  test.each([
    'noor',
    'noor@example',
    'a b@example.com',
    'a@b@example.com',
    'Noor <n@example.com>',
    'n@-x.com',
    `${'x'.repeat(65)}@example.com`,
  ])('is not read from %s', (text) => {
    expect(readEmail(text)).toEqual({ reason: 'the e-mail address is not one' });
  });
});

test('a set of addresses knows what was added, as a Set would', () => {
  const phone = fc.integer({ min: 10_000_000, max: 10_000_400 }).map((digits) => `+316${digits}`);
  const email = fc.integer({ min: 0, max: 400 }).map((number) => `person${number}@example.com`);
  fc.assert(
    fc.property(fc.array(fc.oneof(phone, email), { maxLength: 3000, size: 'max' }), (addresses) => {
      const ours = createAddressSet();
      const theirs = new Set<string>();
      for (const address of addresses) {
        expect(ours.has(address)).toBe(theirs.has(address));
        expect(ours.add(address)).toBe(!theirs.has(address));
        theirs.add(address);
      }
    }),
    { numRuns: 20 },
  );
});

test('a set of addresses takes an address in capitals for the same person', () => {
  const addresses = createAddressSet();
  addresses.add('Noor@example.com');
  expect(addresses.has('noor@example.com')).toBe(true);
});

describe('placeholders', () => {
  test('are found once each, in their order', () => {
    const text = 'Hi {order.first_name}, {a-b.c1} and {order.first_name}. {} {x} {{1}} {a b.c} {a.b.c}';
    expect(placeholdersOf(text).map(({ key }) => key)).toEqual(['order.first_name', 'a-b.c1']);
  });

  test('are replaced once: a value may hold braces, and anything that replacing gives a meaning to', () => {
    expect(render('Hi {a.b} {a.c}', { 'a.b': '{a.c} $& $1', 'a.c': 'x' })).toBe('Hi {a.c} $& $1 x');
  });

  test('without a value stay, whatever every object has', () => {
    expect(render('{a.b} {constructor.name}', {})).toBe('{a.b} {constructor.name}');
  });

  test.each([
    ['{}', 1, 0],
    ['{ }', 1, 0],
    ['{name}', 0, 1],
    ['{{1}}', 0, 1],
    ['{order.first name}', 0, 1],
    ['{order.x', 0, 1],
    ['{{order.x}}', 0, 1],
    ['{order.x} and {a.b}', 0, 0],
  ])('are told from other braces in %s', (text, problems, warnings) => {
    const found = checkPlaceholders(text);
    expect([found.problems.length, found.warnings.length]).toEqual([problems, warnings]);
  });

  test('render to exactly the words between and the values', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
    const part = fc.record({
      text: fc.stringMatching(/^[^{}]{0,10}$/),
      group: word,
      field: word,
      value: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const values = Object.fromEntries(
          parts.map(({ group, field, value }) => [`${group}.${field}`, value]),
        );
        const template = parts.map(({ text, group, field }) => `${text}{${group}.${field}}`).join('');
        expect(render(template, values)).toBe(
          parts.map(({ text, group, field }) => text + values[`${group}.${field}`]).join(''),
        );
        expect(placeholdersOf(template)).toHaveLength(Object.keys(values).length);
      }),
    );
  });
});
