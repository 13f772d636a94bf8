import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Engine, ParleyError } from '@parley/core';
import { eventually } from '@parley/testing';
import { type PostgresServer, startPostgres } from '@parley/testing/postgres';
import { type PostgresOptions, postgres } from '../src/index.js';
import { execute } from './databases.js';
import { type Link, link } from './link.js';
import { quickHost, said } from './quick-host.js';

let server: PostgresServer;
const engines: Engine[] = [];
const links: Link[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  for (const wire of links) await wire.close();
  await server.close();
});

async function linked(
  database?: string,
  options: Partial<PostgresOptions> = {},
): Promise<{ engine: Engine; wire: Link; database: string }> {
  const address = database ?? (await server.database());
  const wire = await link(address);
  const engine = postgres({ connectionString: wire.url, backoffMs: 20, lookUpAfterMs: 20, ...options });
  links.push(wire);
  engines.push(engine);
  return { engine, wire, database: address };
}

const comesTo = async (what: string, so: () => boolean | Promise<boolean>): Promise<void> => {
  await eventually(so, () => `it did not come to pass that ${what}`, 30_000);
};
const accepts = (engine: Engine, text: string): Promise<boolean> =>
  Promise.resolve(engine.accept([said(text)])).then(
    () => true,
    () => false,
  );
const isEmpty = async (engine: Engine): Promise<boolean> => {
  const { pendingEvents, pendingEffects } = await engine.stats();
  return pendingEvents === 0 && pendingEffects === 0;
};

test('refuses to accept while the database is gone, soon and by code, and accepts again when it is back', async () => {
  const { engine, wire } = await linked();
  const host = quickHost();
  await engine.start(host);
  wire.cut();
  await expect(engine.accept([said('lost')])).rejects.toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining('is it running?'),
  });
  wire.mend();
  await comesTo('it accepts', () => accepts(engine, 'lost'));
  await comesTo('it is handled', () => host.handled.includes('lost'));
});

test('refuses to accept within seconds when the database takes in everything and says nothing', async () => {
  const { engine, wire } = await linked();
  await engine.start(quickHost());
  wire.stall();
  await expect(engine.accept([said('silence')])).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
  wire.cut();
});

test('commits a turn and settles an effect that ended while the database was gone', async () => {
  const { engine, wire, database } = await linked();
  const host = quickHost();
  const ran = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  host.onTurn = () => ran.promise;
  host.onDeliver = async () => {
    await left.promise;
    return { kind: 'sent', at: '2026-01-01T12:00:00.000Z', messageId: 'leads:m1' };
  };
  await engine.start(host);
  await engine.enqueue({ ...effectIn('c2'), keyed: true });
  await comesTo('it leaves', () => host.delivered.includes('in c2'));
  await engine.accept([said('long')]);
  await comesTo('the turn reads and records', async () => {
    ran.resolve();
    return host.handled.includes('long');
  });
  await comesTo('it is committed', async () => (await engine.stats()).pendingEvents === 0);

  let cut = false;
  host.onTurn = () => {
    if (!cut) wire.cut();
    cut = true;
  };
  await engine.accept([said('cut')]);
  await comesTo('the wire is cut', () => cut);
  left.resolve();
  await expect(engine.stats()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
  wire.mend();
  await comesTo('nothing is pending', () => isEmpty(engine).catch(() => false));
  expect((await engine.effect('in c2'))?.status).toBe('sent');
  expect(await countOf(engine)).toBe('2');
  expect(new Set(host.delivered).size).toBe(host.delivered.length);
  expect(await execute(database, `SELECT 1 FROM parley.letter`)).toEqual([]);
});

test('calls back what waits to leave before another process may take it over', async () => {
  const { engine, wire } = await linked(undefined, { takeOverAfterMs: 1_000 });
  const host = quickHost();
  let calledBack = false;
  host.onDeliver = (_effect, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        calledBack = true;
        resolve({ kind: 'retry', error: { code: 'ERR_ABORTED', message: 'it had not left' } });
      });
    });
  await engine.start(host);
  await engine.enqueue(effectIn('c1'));
  await comesTo('it waits to leave', () => host.delivered.length === 1);
  wire.cut();
  await comesTo('it is called back', () => calledBack);
  host.onDeliver = () => ({ kind: 'sent', at: '2026-01-01T12:00:00.000Z' });
  wire.mend();
  await comesTo('it has left', () => isEmpty(engine).catch(() => false));
});

test('refuses the commit of a turn that another process has taken over and still runs', async () => {
  const quick = { takeOverAfterMs: 1_000 };
  const cut = await linked(undefined, quick);
  const heir = await linked(cut.database, quick);
  const runs: { engine: Engine; end: () => void }[] = [];
  for (const { engine } of [cut, heir]) {
    const gate = Promise.withResolvers<void>();
    await engine.start({
      ...quickHost(),
      async turn() {
        runs.push({ engine, end: gate.resolve });
        await gate.promise;
        const value = engine === cut.engine ? '"stale"' : '"fresh"';
        return {
          kind: 'done',
          writes: [{ scope: 'leads:c1', kind: 'count', value, version: 0 }],
          effects: [],
        };
      },
    });
    if (engine === cut.engine) await engine.accept([said('contested')]);
    if (engine === cut.engine) await comesTo('it runs here', () => runs.length === 1);
    if (engine === cut.engine) cut.wire.stall();
  }
  await comesTo('it runs there', () => runs.length === 2);
  cut.wire.mend();
  runs[0]?.end();
  // Its turn has ended and is committed, or refused.
  await cut.engine.drain();
  expect((await heir.engine.stats()).pendingEvents).toBe(1);
  expect(await countOf(heir.engine)).toBeUndefined();
  runs[1]?.end();
  await comesTo('it is committed there', () => isEmpty(heir.engine));
  expect(await countOf(heir.engine)).toBe('"fresh"');
});

test('goes on after the server crashed and came back, with nothing lost and nothing twice', async () => {
  const { engine } = await linked();
  const host = quickHost();
  await engine.start(host);
  const accepted: string[] = [];
  const texts = Array.from({ length: 40 }, (_, index) => `n${index}`);
  for (const [index, text] of texts.entries()) {
    if (index === 20) {
      await server.kill();
      await expect(engine.accept([said(text)])).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
      await server.restart();
    }
    await comesTo(`${text} is accepted`, () => accepts(engine, text));
    accepted.push(text);
  }
  await comesTo('nothing is pending', () => isEmpty(engine).catch(() => false));
  expect(host.delivered.length).toBe(accepted.length);
  expect([...new Set(host.handled)]).toEqual(accepted);
  expect(await countOf(engine)).toBe(String(accepted.length));
});

test('takes what was written for written when only the answer was lost', async () => {
  const { engine, wire } = await linked();
  const host = quickHost();
  const sent = new Set<string>();
  let mutes = 0;
  host.onTurn = () => {
    mutes += 1;
    if (mutes % 3 === 0) wire.loseAnswer();
  };
  host.onDeliver = ({ id }) => {
    sent.add(id);
    if (sent.size % 4 === 0) wire.loseAnswer();
    return { kind: 'sent', at: '2026-01-01T12:00:00.000Z' };
  };
  await engine.start(host);
  const texts = Array.from({ length: 12 }, (_, index) => `n${index}`);
  for (const text of texts) {
    await comesTo(`${text} is accepted`, () => accepts(engine, text));
  }
  await comesTo('nothing is pending', () => isEmpty(engine).catch(() => false));
  expect(await countOf(engine)).toBe(String(texts.length));
  expect(sent.size).toBe(texts.length);
  expect(host.delivered.length).toBe(texts.length);
  const told = (): string[] =>
    host.notices.flatMap((notice) => (notice.name === 'effect.sent' ? [notice.record.effect.id] : []));
  await comesTo('each is told', () => told().length === texts.length);
  expect(new Set(told())).toEqual(sent);
});

test('refuses to accept while the database is read-only, and goes on without a restart afterwards', async () => {
  const { engine, database } = await linked();
  const host = quickHost();
  await engine.start(host);
  await engine.accept([said('before')]);
  await comesTo('it is handled', () => isEmpty(engine));
  const reload = `SELECT pg_reload_conf()`;
  await execute(database, `ALTER SYSTEM SET default_transaction_read_only = on`, reload);
  await comesTo('it refuses', () =>
    Promise.resolve(engine.accept([said('meanwhile')])).then(
      () => false,
      ({ code, message }: ParleyError) => code === 'ERR_UNAVAILABLE' && message.includes('read-only'),
    ),
  );
  const writable = `SET default_transaction_read_only = off`;
  await execute(database, writable, `ALTER SYSTEM RESET default_transaction_read_only`, reload);
  await comesTo('it accepts again', () => accepts(engine, 'after'));
  await comesTo('everything is handled', () => isEmpty(engine));
  expect(host.handled.filter((text) => text !== 'meanwhile')).toEqual(['before', 'after']);
});

test('refuses to accept while the disk of the database is full, and loses nothing of what it had accepted', async () => {
  const { engine, database } = await linked();
  const host = quickHost();
  await engine.start(host);
  await engine.accept([said('before')]);
  await comesTo('it is handled', () => isEmpty(engine));
  // As the server says it: no file system can be filled here.
  await execute(
    database,
    `CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON parley.state EXECUTE FUNCTION disk_full();`,
  );
  await engine.accept([said('meanwhile')]);
  await comesTo('its turn ran', () => host.handled.includes('meanwhile'));
  expect((await engine.stats()).pendingEvents).toBe(1);
  await execute(
    database,
    `CREATE TRIGGER disk_full BEFORE INSERT ON parley.mark EXECUTE FUNCTION disk_full()`,
  );
  await expect(engine.accept([said('refused')])).rejects.toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining('disk'),
  });
  await execute(database, `DROP FUNCTION disk_full() CASCADE`);
  await comesTo('nothing is pending', () => isEmpty(engine));
  expect(host.handled).toEqual(['before', 'meanwhile']);
  expect(await countOf(engine)).toBe('2');
});

test('says where no server answers, and which password is wrong, without repeating it', async () => {
  const { wire } = await linked();
  const url = new URL(wire.url);
  url.password = 'hunter2';
  wire.cut();
  const nowhere = postgres(url.href);
  engines.push(nowhere);
  const refusal: unknown = await nowhere.start(quickHost()).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'ERR_UNAVAILABLE' });
  expect(String(refusal)).not.toContain('hunter2');

  wire.mend();
  url.pathname = '/nobody_made_this';
  const missing = postgres(url.href);
  engines.push(missing);
  await expect(missing.start(quickHost())).rejects.toMatchObject({
    code: 'ERR_CONFIG',
    message: expect.stringContaining('the database does not exist'),
  });
  expect(() => postgres('localhost:5432')).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
});

const countOf = async (engine: Engine): Promise<string | undefined> =>
  (await engine.readState('leads:c1', 'count'))?.value;

function effectIn(conversation: string): Parameters<Engine['enqueue']>[0] {
  const lane = `leads:${conversation}`;
  const content = { kind: 'text', text: 'hello' } as const;
  const action = { kind: 'message', conversationId: lane, content } as const;
  return { id: `in ${conversation}`, account: 'leads', lane, action, createdAt: new Date().toISOString() };
}
