import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ParleyError } from '@parley/core';
import fc from 'fast-check';
import { Writer } from '../src/writer.js';
import { tempFolder } from './temp-folder.js';

let folder: ReturnType<typeof tempFolder>;
let db: DatabaseSync;
let writer: Writer;

beforeEach(() => {
  folder = tempFolder();
  db = new DatabaseSync(folder.path('bot.db'));
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER PRIMARY KEY)');
  writer = new Writer(db, 'bot.db');
});

afterEach(() => {
  writer.close();
  db.close();
  folder.remove();
});

const rows = (): unknown[] => Array.from(db.prepare('SELECT x FROM t ORDER BY x').all(), (row) => row['x']);
const insert = (x: number): void => {
  db.prepare('INSERT INTO t VALUES (?)').run(x);
};

test('all operations of one turn of the event loop share one commit, and resolve after it', async () => {
  const commits: number[] = [];
  const reader = new DatabaseSync(folder.path('bot.db'), { readOnly: true });
  const seen = (): unknown => reader.prepare('SELECT count(*) AS n FROM t').get()?.['n'];
  const writing = [1, 2, 3].map((x) =>
    writer
      .write(
        () => insert(x),
        () => commits.push(seen() as number),
      )
      .then(() => seen()),
  );
  expect(seen()).toBe(0);
  expect(await Promise.all(writing)).toEqual([3, 3, 3]);
  expect(commits).toEqual([3, 3, 3]);
  reader.close();
});

test('one that fails costs the others nothing, whatever fails and wherever it stands', async () => {
  let next = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (failing) => {
      const before = rows();
      const applied: number[] = [];
      const numbers = failing.map(() => {
        next += 1;
        return next;
      });
      const results = await Promise.allSettled(
        numbers.map((x, index) =>
          writer.write(
            () => {
              insert(x);
              if (failing[index]) throw new ParleyError('ERR_CONFLICT', `no ${x}`);
              return x;
            },
            (result) => applied.push(result),
          ),
        ),
      );
      const good = numbers.filter((_, index) => !failing[index]);
      expect(results.map(({ status }) => status === 'rejected')).toEqual(failing);
      expect(applied).toEqual(good);
      expect(rows()).toEqual([...before, ...good]);
    }),
  );
});

test('a statement that SQLite refuses is an error of its own, and no reason to try again', async () => {
  const writing = [
    writer.write(() => insert(1)),
    writer.write(() => insert(1)),
    writer.write(() => insert(2)),
  ];
  await expect(writing[1]).rejects.toMatchObject({
    code: 'ERR_REJECTED',
    message: expect.stringContaining('bot.db'),
  });
  await Promise.all([writing[0], writing[2]]);
  expect(rows()).toEqual([1, 2]);
});

test('a commit that fails refuses them all, leaves nothing half, and the next one goes through', async () => {
  db.exec('CREATE TABLE big (x)');
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.exec(`PRAGMA max_page_count = ${pages}`);
  const writing = [
    writer.write(() => insert(1)),
    writer.write(() => db.prepare('INSERT INTO big VALUES (zeroblob(100000))').run()),
    writer.write(() => insert(2)),
  ];
  for (const result of await Promise.allSettled(writing)) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_UNAVAILABLE' } });
  }
  expect(rows()).toEqual([]);
  db.exec('PRAGMA max_page_count = 100000');
  await writer.write(() => insert(3));
  expect(rows()).toEqual([3]);
});

test('a long queue is written in pieces, in order, and closing writes the rest and takes no more', async () => {
  const order: number[] = [];
  const writing = Array.from({ length: 2_500 }, (_, x) =>
    writer.write(
      () => insert(x),
      () => order.push(x),
    ),
  );
  writer.close();
  await Promise.all(writing);
  expect(order).toEqual(Array.from({ length: 2_500 }, (_, x) => x));
  await expect(writer.write(() => insert(9_999))).rejects.toMatchObject({ code: 'ERR_ABORTED' });
});
