import { afterEach, describe, expect, test } from '@jest/globals';
import { type Engine, memoryEngine } from '@parley/core';
import fc from 'fast-check';
import { type AddressRow, openSuppressions, readAddresses } from '../src/index.js';
import { type CampaignFolder, campaignFolder } from './campaign-folder.js';
import { aCampaign, all, closeScenes, phone, setScene } from './scene.js';

let folder: CampaignFolder | undefined;
afterEach(async () => {
  folder?.remove();
  folder = undefined;
  await closeScenes();
});

/** What an object has before anybody has put anything into it. */
const ODD = ['__proto__@x.nl', 'constructor@x.nl', 'Noor@X.nl', phone(1), phone(2), phone(3)];
const anAddress = fc.constantFrom(...ODD);

const crowd = (people: number, from = 0): string[] =>
  Array.from({ length: people }, (_, index) => `+316${10_000_000 + from + index}`);

/** Counts what is written to the engine. */
function counted(engine: Engine) {
  const written: string[] = [];
  const state = {
    clock: engine.clock,
    readState: (scope: string, kind: string) => engine.readState(scope, kind),
    writeState(write: Parameters<Engine['writeState']>[0]) {
      written.push(write.scope);
      return engine.writeState(write);
    },
  };
  return { written, state };
}

describe('the suppression list', () => {
  test('is what was added and not removed, whatever the addresses are called', async () => {
    const change = fc.record({ add: fc.boolean(), addresses: fc.array(anAddress, { maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change), async (changes) => {
        const list = openSuppressions(memoryEngine());
        const expected = new Set<string>();
        for (const { add, addresses } of changes) {
          const keys = new Set(addresses.map((address) => address.toLowerCase()));
          if (add) {
            expect(await list.addAll(addresses)).toBe([...keys].filter((key) => !expected.has(key)).length);
            for (const key of keys) expected.add(key);
            continue;
          }
          for (const address of addresses)
            expect(await list.remove(address)).toBe(expected.delete(address.toLowerCase()));
        }
        const listed = (await all(list.list())).map(({ address }) => address);
        expect(listed.toSorted()).toEqual([...expected].toSorted());
        for (const address of ODD) expect(await list.has(address)).toBe(expected.has(address.toLowerCase()));
      }),
      { numRuns: 50 },
    );
  });

  test('takes an address as people write it, and keeps when and why it came first', async () => {
    const list = openSuppressions(memoryEngine());
    await list.add(' +31 (0)6 1234-0001', 'opted_out');
    const first = await list.find(phone(1));
    expect(first).toEqual({ address: phone(1), at: expect.any(String), why: 'opted_out' });
    expect(await list.addAll([phone(1), '0031612340001'], 'again')).toBe(0);
    expect(await list.find(phone(1))).toEqual(first);
  });

  test.each(['__proto__', 'constructor', '', '0612345678', '+310', 'noor@', '@noor'])(
    'refuses "%s", which is no address, and does not repeat it',
    async (address) => {
      const list = openSuppressions(memoryEngine());
      for (const what of ['add', 'remove', 'has', 'find'] as const) {
        const refused = list[what](address);
        await expect(refused).rejects.toMatchObject({
          code: 'ERR_CONFIG',
          message: expect.stringMatching(/^address: /),
        });
        if (address !== '') await expect(refused).rejects.not.toThrow(address);
      }
      expect(await all(list.list())).toEqual([]);
    },
  );

  test('writes each part of itself once for many addresses', async () => {
    const { state, written } = counted(memoryEngine());
    const list = openSuppressions(state);
    expect(await list.addAll(crowd(20_000))).toBe(20_000);
    expect(written.length).toBeLessThanOrEqual(65);
    expect(new Set(written).size).toBe(written.length);
    expect(await all(list.list())).toHaveLength(20_000);
  });

  test('stores before it has read everything, so that it need not hold everybody', async () => {
    const { state, written } = counted(memoryEngine());
    let read = 0;
    let readBefore = Number.POSITIVE_INFINITY;
    function* many() {
      for (const address of crowd(120_000)) {
        if (written.length > 0) readBefore = Math.min(readBefore, read);
        read += 1;
        yield address;
      }
    }
    expect(await openSuppressions(state).addAll(many())).toBe(120_000);
    expect(readBefore).toBeLessThanOrEqual(50_000);
  });

  test('loses nobody when many add and remove at the same time', async () => {
    const engine = memoryEngine();
    const lists = Array.from({ length: 8 }, () => openSuppressions(engine));
    await lists[0]?.addAll(crowd(100));
    const counts = await Promise.all(lists.map((list, index) => list.addAll(crowd(1000, 500 * index))));
    const removed = await Promise.all(crowd(100).map((address) => openSuppressions(engine).remove(address)));
    expect(counts.reduce((sum, one) => sum + one, 100)).toBe(4500);
    expect(removed).not.toContain(false);
    expect(await all(openSuppressions(engine).list())).toHaveLength(4400);
  });

  test('is read anew by a bot once another process has added many', async () => {
    const { broadcast, engine } = await setScene();
    expect(await broadcast.plan(aCampaign(4))).toMatchObject({ recipients: 4 });
    await openSuppressions(engine).addAll([phone(1), phone(3)]);
    expect(await broadcast.plan(aCampaign(4))).toMatchObject({ recipients: 2, excluded: { opted_out: 2 } });
  });
});

describe('addresses in a file', () => {
  const rowsOf = (country: string | undefined, ...lines: string[]): Promise<AddressRow[]> => {
    folder ??= campaignFolder();
    const file = folder.write('people.csv', ...lines);
    return all(readAddresses(file, country === undefined ? {} : { country }));
  };

  test('are those that a campaign would find there: all of a person', async () => {
    const lines = [
      'Name;Mobile Phone;E-mail;Address',
      `Noor;0031 6 1234 0001;Noor@X.NL;Dorpsstraat 1`,
      ';;a@b.nl;',
    ];
    expect(await rowsOf(undefined, ...lines)).toEqual([
      { addresses: [phone(1), 'Noor@x.nl'] },
      { addresses: ['a@b.nl'] },
    ]);
    expect(await rowsOf('NL', 'phone', '06 1234 0001')).toEqual([{ addresses: [phone(1)] }]);
  });

  test('are in a column of their own as the command lists them', async () => {
    const lines = ['address,at,why', `${phone(1)},2026,manual`, 'a@b.nl,2026,manual'];
    expect(await rowsOf(undefined, ...lines)).toEqual([{ addresses: [phone(1)] }, { addresses: ['a@b.nl'] }]);
  });

  test('are named by line and without what they say where they cannot be used', async () => {
    const lines = [
      'phone,email',
      `${phone(1)},noor`,
      ',,,',
      'Noor,',
      '"x',
      `,`,
      ',"",',
      `${phone(2)},`,
      ' ,x@',
    ];
    const rows = await rowsOf(undefined, ...lines);
    expect(rows).toEqual([
      expect.objectContaining({ line: 2, reason: 'the e-mail address is not one' }),
      expect.objectContaining({ line: 4, reason: expect.stringContaining('something else than digits') }),
      expect.objectContaining({ line: 5, reason: expect.stringContaining('is not closed') }),
      { addresses: [phone(2)] },
      expect.objectContaining({ line: 9, reason: 'the e-mail address is not one' }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('oor');
  });

  test.each([
    [
      'has no column of them',
      ['name,street', 'Noor,x'],
      undefined,
      'there is no column phone, email or address: there are name, street',
    ],
    ['does not name its columns', [phone(1), phone(2)], undefined, 'the first line holds an address'],
    ['is empty', [], undefined, 'the file is empty'],
    [
      'is read for a country that is none',
      ['phone', phone(1)],
      'nl',
      'country: expected a country of two capital letters',
    ],
  ])('are not looked for if it %s', async (_, lines, country, reason) => {
    await expect(rowsOf(country, ...lines)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(reason),
    });
  });
});
