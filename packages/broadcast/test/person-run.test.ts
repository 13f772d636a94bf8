import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { fakeAdapter } from '@parley/testing';
import { createBroadcast, openRuns } from '../src/index.js';
import { aCampaign, all, closeScenes, ended, outcomesOf, phone, reaches, setScene } from './scene.js';

afterEach(closeScenes);

const HOUR = 3_600_000;

describe('a run by person', () => {
  test('everybody gets their own words, once, and the report says so', async () => {
    const scene = await setScene();
    const { shop, broadcast } = scene;
    const { id } = await broadcast.run(aCampaign(250));
    expect(id).toBe('may-1');
    const status = await ended(scene, id);
    expect(status).toMatchObject({
      state: 'completed',
      recipients: 250,
      waiting: 0,
      unknown: 0,
      canceled: 0,
    });
    // Nobody has told who has it, which is not 0.
    expect(status.counts).toEqual({ sent: 250, failed: 0 });
    expect(status).not.toHaveProperty('deliveryRate');
    const wanted = Array.from({ length: 250 }, (_, index) => `Hello Person ${index}`);
    expect(shop.texts.toSorted()).toEqual(wanted.toSorted());
    const people = await all(broadcast.recipients(id));
    expect(people).toHaveLength(250);
    expect(people[7]).toEqual({
      to: { channel: 'whatsapp', value: phone(7) },
      name: 'Person 7',
      status: 'sent',
    });
  });

  test('tells that it began, how far it has come, and that everything is sent', async () => {
    const scene = await setScene();
    const heard: string[] = [];
    for (const name of ['campaign.started', 'campaign.progress', 'campaign.completed'] as const) {
      scene.bot.on(name, ({ event }) => {
        const percent = 'percent' in event ? ` ${event.percent}` : '';
        heard.push(`${event.name} ${event.campaignId}${percent}`);
      });
    }
    const { id } = await scene.broadcast.run(aCampaign(350));
    await ended(scene, id);
    await scene.clock.settle();
    expect([heard[0], heard.at(-1)]).toEqual([
      'campaign.started shop:may-1',
      'campaign.completed shop:may-1',
    ]);
    expect(heard.slice(1, -1).at(-1)).toBe('campaign.progress shop:may-1 100');
    const percents = heard.slice(1, -1).map((line) => Number(line.split(' ')[2]));
    expect(percents).toEqual(percents.toSorted((one, other) => one - other));
  });

  test('the same intent is run once, however often it is asked for; another intent is another run', async () => {
    const scene = await setScene();
    const { shop, broadcast, other } = scene;
    await other.start();
    const statuses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? broadcast : other).run(aCampaign(30))),
    );
    expect(new Set(statuses.map(({ id }) => id))).toEqual(new Set(['may-1']));
    await ended(scene, 'may-1');
    await broadcast.run(aCampaign(30));
    await scene.clock.advance(5000);
    expect(shop.texts).toHaveLength(30);
    await broadcast.run(aCampaign(30), { intent: 'second' });
    await ended(scene, 'may-second');
    expect(shop.texts).toHaveLength(60);
    expect((await broadcast.runs()).map(({ id }) => id)).toEqual(['may-second', 'may-1']);
  });

  test('of several plans that are made at the same time one is the run, and nothing is left of the others', async () => {
    const scene = await setScene();
    const { shop, broadcast, other, engine } = scene;
    const added = jest.spyOn(engine, 'writeState');
    const plans = Array.from({ length: 6 }, (_, index) => {
      const contacts = Array.from({ length: 30 }, (_, person) => ({
        phone: phone(100 * index + person),
        name: 'X',
      }));
      return (index % 2 === 0 ? broadcast : other).run(aCampaign(0, { audience: [{ contacts }] }));
    });
    await Promise.all(plans);
    await ended(scene, 'may-1');
    expect(shop.sent).toHaveLength(30);
    const people = await all(broadcast.recipients('may-1'));
    expect(people.map(({ status }) => status)).toEqual(Array(30).fill('sent'));
    const chunks = new Set(added.mock.calls.map(([{ scope, kind }]) => (kind === 'recipients' ? scope : '')));
    chunks.delete('');
    expect(chunks.size).toBe(6);
    const left = [...chunks].filter((scope) => engine.readState(scope, 'recipients') !== undefined);
    expect(left).toHaveLength(1);
  });

  test('who asks for it again gets it, whatever the campaign says by then', async () => {
    const scene = await setScene();
    const { broadcast } = scene;
    await broadcast.run(aCampaign(3));
    await ended(scene, 'may-1');
    const status = await broadcast.run(aCampaign(0, { audience: [{ contacts: [{ phone: 'nobody' }] }] }));
    expect(status).toMatchObject({ id: 'may-1', state: 'completed', recipients: 3 });
  });

  test('a run of another campaign that happens to be called so is not joined', async () => {
    const { broadcast } = await setScene();
    await broadcast.run(aCampaign(1, { name: 'may-1' }), { intent: '2' });
    await expect(broadcast.run(aCampaign(1), { intent: '1-2' })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      message: expect.stringContaining('another intent'),
    });
    await expect(broadcast.run(aCampaign(1), { intent: 'a b' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
  });

  test('bad rows refuse the run before anything leaves, unless they are to be skipped', async () => {
    const scene = await setScene();
    const { shop, broadcast } = scene;
    const audience = [
      {
        contacts: [
          { phone: phone(1), name: 'A' },
          { phone: 'nobody', name: 'B' },
        ],
      },
    ];
    await expect(broadcast.run(aCampaign(0, { audience }))).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    expect(await broadcast.runs()).toEqual([]);
    expect(shop.attempts).toEqual([]);
    const { id } = await broadcast.run(aCampaign(0, { audience }), { skipBad: true });
    expect(await ended(scene, id)).toMatchObject({
      recipients: 1,
      excluded: { bad_row: 1 },
      counts: { sent: 1 },
    });
  });

  test('who cannot be reached is failed with the reason, and leaves no dead letter', async () => {
    const scene = await setScene();
    const { shop, broadcast, bot } = scene;
    shop.failNext('rejected', { method: 'conversations.open', times: 3 });
    const { id } = await broadcast.run(aCampaign(10));
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', counts: { sent: 7, failed: 3 } });
    const failed = (await all(broadcast.recipients(id))).filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(3);
    expect(failed[0]?.reason).toBe('The provider refused the request.');
    expect(await bot.deadLetters.list()).toEqual([]);
  });

  test('what never got an answer is looked up, and not sent again', async () => {
    const scene = await setScene();
    const { shop, broadcast } = scene;
    shop.failNext('lost answer', { method: 'conversations.open', times: 5 });
    shop.failNext('lost request', { method: 'conversations.open', times: 5 });
    const { id } = await broadcast.run(aCampaign(20));
    expect(await ended(scene, id)).toMatchObject({ counts: { sent: 20 }, unknown: 0 });
    expect(new Set(shop.texts).size).toBe(20);
    expect(shop.texts).toHaveLength(20);
  });

  test('paused, nothing new leaves; resumed, the rest does', async () => {
    const scene = await setScene({ window: 10 });
    const { shop, broadcast, clock } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(150));
    await clock.advance(10);
    expect(await broadcast.pause(id)).toMatchObject({ state: 'paused' });
    release();
    await clock.advance(26 * HOUR);
    expect(shop.texts).toHaveLength(10);
    expect(await broadcast.status(id)).toMatchObject({ state: 'paused', waiting: 140, counts: { sent: 10 } });
    await broadcast.resume(id);
    // However long it was paused: what had not begun is no riddle.
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', counts: { sent: 150 }, unknown: 0 });
    expect(new Set(shop.texts).size).toBe(150);
    await expect(broadcast.pause(id)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  test('canceled, what is under way ends and the rest never leaves', async () => {
    const scene = await setScene({ window: 10 });
    const { shop, broadcast, clock } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(150));
    await clock.advance(10);
    expect(await broadcast.cancel(id)).toMatchObject({ state: 'canceled', waiting: 0 });
    release();
    expect(await ended(scene, id)).toMatchObject({
      state: 'canceled',
      counts: { sent: 10 },
      waiting: 0,
      canceled: 140,
    });
    const outcomes = await outcomesOf(broadcast, id);
    expect(outcomes.filter((outcome) => outcome === 'canceled')).toHaveLength(140);
    await expect(broadcast.resume(id)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    await clock.advance(HOUR);
    expect(shop.texts).toHaveLength(10);
  });

  test('nothing leaves before its time, and who opts out meanwhile gets nothing', async () => {
    const scene = await setScene();
    const { shop, broadcast, clock } = scene;
    const at = new Date(clock.now() + 24 * HOUR).toISOString();
    await broadcast.suppressions.add(phone(1));
    const { id } = await broadcast.run(aCampaign(10, { at }));
    await clock.advance(23 * HOUR);
    expect(await broadcast.status(id)).toMatchObject({ state: 'scheduled', at, recipients: 9, waiting: 9 });
    expect(shop.texts).toEqual([]);
    await broadcast.suppressions.add(phone(2));
    await clock.advance(2 * HOUR);
    expect(await ended(scene, id)).toMatchObject({
      recipients: 8,
      excluded: { opted_out: 2 },
      counts: { sent: 8 },
      startedAt: at,
    });
    expect(shop.texts).not.toContain('Hello Person 1');
    expect(shop.texts).not.toContain('Hello Person 2');
  });

  test('a run that was scheduled and canceled never begins', async () => {
    const scene = await setScene();
    const { shop, broadcast, clock } = scene;
    const { id } = await broadcast.run(aCampaign(5, { at: new Date(clock.now() + HOUR).toISOString() }));
    await clock.advance(1000);
    await broadcast.cancel(id);
    expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 5, counts: { sent: 0 } });
    await clock.advance(2 * HOUR);
    expect(shop.attempts).toEqual([]);
  });
});

describe('what is queued already, and waits because the provider wants fewer requests', () => {
  /** Twelve of the first wave are told to wait for a minute; the others get it. */
  const setBusy = async () => {
    const scene = await setScene({ window: 20 });
    scene.shop.failNext('rate limited', { times: 12, retryAfterMs: 60_000 });
    const { id } = await scene.broadcast.run(aCampaign(20));
    await scene.clock.advance(1000);
    expect(scene.shop.texts).toHaveLength(8);
    return { ...scene, id };
  };

  test('does not leave once the run is paused, and does when it goes on, once', async () => {
    const scene = await setBusy();
    const { shop, broadcast, clock, id } = scene;
    await broadcast.pause(id);
    await clock.advance(HOUR);
    expect(shop.texts).toHaveLength(8);
    expect(await broadcast.status(id)).toMatchObject({ state: 'paused', waiting: 12, canceled: 0 });
    await clock.advance(60 * HOUR);
    await broadcast.resume(id);
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', counts: { sent: 20 }, unknown: 0 });
    expect(shop.texts).toHaveLength(20);
    expect(new Set(shop.texts).size).toBe(20);
  });

  test('does not leave once the run is canceled', async () => {
    const scene = await setBusy();
    const { shop, broadcast, clock, id } = scene;
    await broadcast.cancel(id);
    expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 12, counts: { sent: 8 } });
    await clock.advance(HOUR);
    expect(shop.texts).toHaveLength(8);
  });

  test('does not leave for somebody who has opted out meanwhile', async () => {
    const scene = await setBusy();
    const { shop, broadcast, id } = scene;
    const waiting = (await outcomesOf(broadcast, id)).indexOf('waiting');
    await broadcast.suppressions.add(phone(waiting));
    expect(await ended(scene, id)).toMatchObject({
      recipients: 19,
      excluded: { opted_out: 1 },
      counts: { sent: 19 },
    });
    expect(shop.texts).not.toContain(`Hello Person ${waiting}`);
  });

  test('does not leave either if it was by the other address of their row', async () => {
    const scene = await setScene({ window: 10 });
    const { shop, broadcast, clock } = scene;
    shop.failNext('rate limited', { times: 3, retryAfterMs: 60_000 });
    const contacts = [0, 1, 2, 3, 4].map((index) => ({
      phone: phone(index),
      email: `p${index}@example.com`,
      name: `Person ${index}`,
    }));
    const at = new Date(clock.now() + HOUR).toISOString();
    const { id } = await broadcast.run(aCampaign(0, { at, audience: [{ contacts }] }));
    await broadcast.suppressions.add('p4@example.com');
    await clock.advance(HOUR + 1000);
    expect(shop.texts).toEqual(['Hello Person 3']);
    await broadcast.suppressions.add('P0@example.com');
    expect(await ended(scene, id)).toMatchObject({ excluded: { opted_out: 2 }, counts: { sent: 3 } });
    expect(shop.texts.toSorted()).toEqual([1, 2, 3].map((index) => `Hello Person ${index}`));
    await broadcast.erase('p2@example.com');
    const [, , erased] = await all(broadcast.recipients(id));
    expect(erased).toEqual({ to: { channel: 'whatsapp', value: '' }, status: 'sent' });
  });

  test('is not sent twice if the process dies after a pause, however often the run was paused before', async () => {
    const scene = await setBusy();
    const { shop, broadcast, other, clock, id } = scene;
    for (const times of [1, 2]) {
      await broadcast.pause(id);
      await clock.advance(20 * HOUR);
      shop.failNext('rate limited', { times: 12 - times, retryAfterMs: 60_000 });
      await broadcast.resume(id);
      await clock.advance(1000);
    }
    await broadcast.stop();
    await clock.advance(1000);
    await other.start();
    expect(await ended({ clock, broadcast: other }, id)).toMatchObject({ counts: { sent: 20 }, unknown: 0 });
    expect(shop.texts).toHaveLength(20);
    expect(new Set(shop.texts).size).toBe(20);
  });
});

describe('what the provider would refuse to everybody', () => {
  test.each(['unauthorized', 'forbidden'] as const)(
    'pauses the run with the reason; resumed, everybody gets it once (%s)',
    async (failure) => {
      const scene = await setScene({ window: 10 });
      const { shop, broadcast, engine, clock } = scene;
      const { id } = await broadcast.run(aCampaign(150, { at: new Date(clock.now() + HOUR).toISOString() }));
      await clock.advance(1000);
      // From the middle of the run on.
      const release = shop.hold();
      await clock.advance(HOUR);
      shop.failNext(failure, { times: 4 });
      release();
      const status = await reaches(scene, id, ({ state }) => state === 'paused');
      expect(status.reason).toMatch(/^The provider (refused the credentials|does not allow this)\.$/);
      await clock.advance(48 * HOUR);
      expect(await broadcast.status(id)).toMatchObject({ waiting: 144, counts: { sent: 6, failed: 0 } });
      expect(await engine.deadLetters.list()).toEqual([]);
      await broadcast.resume(id);
      const done = await ended(scene, id);
      expect(done).toMatchObject({ state: 'completed', counts: { sent: 150, failed: 0 } });
      expect(done).not.toHaveProperty('reason');
      expect(new Set(shop.texts).size).toBe(150);
      expect(shop.texts).toHaveLength(150);
    },
  );

  test('pauses it also where an option is wrong; once somebody has got it, that is about one person', async () => {
    const scene = await setScene({ window: 1 });
    const { shop, bot, broadcast } = scene;
    shop.failNext('misconfigured');
    const { id } = await broadcast.run(aCampaign(5));
    expect(await reaches(scene, id, ({ state }) => state === 'paused')).toMatchObject({
      reason: 'An option of the account is wrong.',
      counts: { failed: 0 },
    });
    bot.onNotice('effect.sent', () => {
      if (shop.texts.length === 1) shop.failNext('misconfigured');
    });
    await broadcast.resume(id);
    expect(await ended(scene, id)).toMatchObject({ counts: { sent: 4, failed: 1 } });
  });

  test('but is still refused to one person after every resume is that person’s failure, and ends the run', async () => {
    const scene = await setScene({ window: 1 });
    const { shop, broadcast, clock } = scene;
    shop.failNext('forbidden', { times: 3 });
    const { id } = await broadcast.run(aCampaign(30));
    for (const _ of [1, 2]) {
      await reaches(scene, id, ({ state }) => state === 'paused');
      await clock.advance(1000);
      await broadcast.resume(id);
      await clock.advance(1000);
    }
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', counts: { sent: 29, failed: 1 } });
    expect(shop.texts).toHaveLength(29);
  });
});

describe('whoever drives a run', () => {
  test('is one process; when it lets go, another one goes on, and nobody gets it twice', async () => {
    const scene = await setScene({ window: 5 });
    const { shop, broadcast, other, clock } = scene;
    await other.start();
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(60));
    await clock.advance(5000);
    await broadcast.stop();
    // The other one finds what is under way, and waits for it.
    await clock.advance(5000);
    release();
    const status = await ended({ clock, broadcast: other }, id);
    expect(status).toMatchObject({ state: 'completed', counts: { sent: 60 } });
    expect(shop.texts).toHaveLength(60);
  });

  test('never sends what may have left so long ago that the engine has forgotten it', async () => {
    const scene = await setScene({ window: 5 });
    const { shop, broadcast, other, clock } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(20));
    await clock.advance(10);
    await broadcast.stop();
    release();
    await clock.advance(60 * HOUR);
    await other.start();
    const status = await ended({ clock, broadcast: other }, id);
    expect(shop.texts).toHaveLength(5);
    // The five were under way in this process, which heard of them.
    expect(status).toMatchObject({ state: 'completed', unknown: 15, counts: { sent: 5 } });
  });

  test('notices within a second what a command in another process wants, which has nothing but the state', async () => {
    const scene = await setScene({ window: 5 });
    const { shop, broadcast, clock, engine } = scene;
    const command = openRuns({
      clock: engine.clock,
      readState: (scope, kind) => engine.readState(scope, kind),
      writeState: (write) => engine.writeState(write),
    });
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(20));
    await clock.advance(10);
    await command.pause(id);
    await clock.advance(1000);
    release();
    await clock.advance(HOUR);
    expect(shop.texts).toHaveLength(5);
    await command.resume(id);
    await clock.advance(1000);
    expect(shop.texts).toHaveLength(20);
    expect(await command.status(id)).toEqual(await broadcast.status(id));
    expect(await outcomesOf(command, id)).toEqual(await outcomesOf(broadcast, id));
    expect((await command.runs()).map(({ state }) => state)).toEqual(['completed']);
    await expect(command.status('june-1')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  test('tells who waits when the run has ended, and every step on the way to who watches', async () => {
    const scene = await setScene();
    const { broadcast, clock } = scene;
    const { id } = await broadcast.run(aCampaign(150));
    const finished = broadcast.finished(id);
    const watched = all(broadcast.watch(id));
    await reaches(scene, id, ({ endedAt }) => endedAt !== undefined);
    await clock.advance(2000);
    expect(await finished).toMatchObject({ state: 'completed' });
    const steps = await watched;
    expect(steps[0]).toMatchObject({ state: 'planned', waiting: 150 });
    expect(steps.at(-1)).toMatchObject({ state: 'completed', waiting: 0 });
    const aborted = AbortSignal.abort();
    const { id: later } = await broadcast.run(
      aCampaign(1, { name: 'june', at: new Date(clock.now() + HOUR).toISOString() }),
    );
    await expect(broadcast.finished(later, { signal: aborted })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    expect(await all(broadcast.watch(later, aborted))).toEqual([]);
  });
});

test('a bot that has been started, and a wrong option, are refused', async () => {
  const bot = createBot({ accounts: { shop: fakeAdapter() }, engine: memoryEngine(), log: silentLog });
  expect(() => createBroadcast(bot, { keepDays: 0 })).toThrow('keepDays');
  await bot.start();
  expect(() => createBroadcast(bot)).toThrow('before bot.start()');
  await bot.close();
});
