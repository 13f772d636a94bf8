import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ParleyError, silentLog } from '@parley/core';
import { anEvent } from '@parley/testing';
import { FakeCampaigns, lostAnswer, outage, refusal } from './fake-campaigns.js';
import { aCampaign, all, closeScenes, ended, outcomesOf, phone, reaches, setScene } from './scene.js';

afterEach(closeScenes);

const HOUR = 3_600_000;

async function setNative(engineOptions = {}, options = {}) {
  const campaigns = new FakeCampaigns();
  const scene = await setScene(options, engineOptions, campaigns);
  /** Until it is approved, runs, and everybody has it. */
  const throughout = async (id: string) => {
    await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
    campaigns.decide('approved');
    await reaches(scene, id, ({ state }) => state !== 'awaiting_approval');
  };
  return { ...scene, campaigns, throughout };
}

describe('a run by the provider’s own campaigns', () => {
  test('is told of, made, approved and paid once, and followed to its end', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock, throughout } = scene;
    const { id, via } = await broadcast.run(aCampaign(150));
    expect(via).toBe('native');
    await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
    await clock.advance(HOUR);
    expect(campaigns.paid).toEqual([]);
    await throughout(id);
    expect(campaigns.addressed).toHaveLength(150);
    expect(campaigns.drafts).toEqual([
      {
        key: 'may-1',
        title: 'may',
        template: { body: 'Hello {contact.name}', language: 'en' },
        // Nobody's own: it is shown to whoever reviews the template, and kept.
        example: { 'contact.name': 'Alex' },
      },
    ]);
    expect(campaigns.paid).toMatchObject([
      { campaignId: 'shop:c1', recipients: 150, before: { runs: 0, counts: {} } },
    ]);
    campaigns.progress({ sent: 100, delivered: 50 }, 'running');
    await clock.advance(HOUR);
    expect(await broadcast.status(id)).toMatchObject({
      state: 'running',
      waiting: 50,
      counts: { sent: 100, delivered: 50 },
      deliveryRate: 0.5,
    });
    campaigns.progress({ sent: 148, delivered: 140, failed: 2 }, 'idle');
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', waiting: 0, counts: { failed: 2 } });
    // Who reads it later still counts.
    campaigns.progress({ sent: 148, delivered: 140, failed: 2, read: 70 });
    await clock.advance(HOUR);
    expect(await broadcast.status(id)).toMatchObject({ counts: { read: 70 }, readRate: 0.5 });
    await broadcast.run(aCampaign(150));
    await clock.advance(HOUR);
    expect(campaigns.paid).toHaveLength(1);
    expect(campaigns.drafts).toHaveLength(1);
  });

  test('a rejected template ends it, and nothing is paid', async () => {
    const scene = await setNative();
    const { bot, broadcast, campaigns, clock } = scene;
    const heard: unknown[] = [];
    bot.on('campaign.failed', ({ event }) => heard.push([event.campaignId, event.reason]));
    const { id } = await broadcast.run(aCampaign(3));
    await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
    campaigns.decide('rejected');
    expect(await ended(scene, id)).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('rejected'),
    });
    await clock.advance(48 * HOUR);
    expect(campaigns.paid).toEqual([]);
    expect(heard).toEqual([['shop:may-1', expect.stringContaining('rejected')]]);
  });

  test('a draft that the provider refuses ends it with the provider’s reason', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, engine, clock, bot } = scene;
    const heard: unknown[] = [];
    bot.on('campaign.failed', ({ event }) => heard.push([event.campaignId, event.reason]));
    campaigns.failures.push({ method: 'create', error: refusal() });
    const { id } = await broadcast.run(aCampaign(3));
    expect(await ended(scene, id)).toMatchObject({
      state: 'failed',
      reason: 'The balance is too low',
      waiting: 0,
      canceled: 3,
    });
    expect(await outcomesOf(broadcast, id)).toEqual(['canceled', 'canceled', 'canceled']);
    expect(await broadcast.run(aCampaign(3))).toMatchObject({ state: 'failed' });
    // By a letter somebody could make it beside the run.
    expect(await engine.deadLetters.redriveAll()).toBe(0);
    await clock.advance(HOUR);
    expect(campaigns.drafts).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(bot.state).toBe('running');
  });

  test('a payment that is refused for certain pauses it with the reason; resumed, it is paid once', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, engine, clock, other, throughout } = scene;
    await other.start();
    for (const _ of [1, 2]) campaigns.failures.push({ method: 'run', error: refusal() });
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    for (const _ of [1, 2]) {
      const paused = await reaches(scene, id, ({ state }) => state === 'paused');
      expect(paused).toMatchObject({ reason: 'The balance is too low', waiting: 3 });
      expect(paused).not.toHaveProperty('startedAt');
      // By a letter somebody could pay it beside the run.
      expect(await engine.deadLetters.redriveAll()).toBe(0);
      await clock.advance(48 * HOUR);
      expect(campaigns.paid).toEqual([]);
      await broadcast.resume(id);
      await clock.advance(2000);
    }
    const status = await reaches(scene, id, ({ state }) => state === 'running');
    expect(status).not.toHaveProperty('reason');
    expect(campaigns.paid).toHaveLength(1);
  });

  test('a payment that was refused can still be canceled', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    campaigns.failures.push({ method: 'run', error: refusal() });
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    await reaches(scene, id, ({ state }) => state === 'paused');
    await broadcast.cancel(id);
    expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 3 });
    expect(campaigns.paid).toEqual([]);
  });

  test.each(['address', 'create', 'find', 'run'] as const)(
    'a wrong key pauses it with the reason while it does "%s"; once it is right, the run goes on',
    async (method) => {
      const scene = await setNative();
      const { broadcast, campaigns, clock, bot } = scene;
      const heard: unknown[] = [];
      bot.on('campaign.paused', ({ event }) => heard.push(event.reason));
      campaigns.failures.push({ method, error: new ParleyError('ERR_AUTHENTICATION', 'The key is wrong') });
      const { id } = await broadcast.run(aCampaign(3));
      await reaches(scene, id, ({ state }) => {
        if (state === 'awaiting_approval') campaigns.decide('approved');
        return state === 'paused';
      });
      expect(await broadcast.status(id)).toMatchObject({ reason: 'The key is wrong', waiting: 3 });
      await clock.advance(HOUR);
      expect(heard).toEqual(['The key is wrong']);
      await broadcast.resume(id);
      await reaches(scene, id, ({ state }) => {
        if (state === 'awaiting_approval') campaigns.decide('approved');
        return state === 'running';
      });
      expect(campaigns.drafts).toHaveLength(1);
      expect(campaigns.addressed).toHaveLength(3);
      await clock.advance(HOUR);
      expect(campaigns.paid).toHaveLength(1);
    },
  );

  test('a key that is revoked once it is paid is told once, and waited for ever longer', async () => {
    const told: unknown[] = [];
    const tell = (_fields: object, text: string) => told.push(text);
    const scene = await setNative({}, { log: { ...silentLog, warn: tell, error: tell } });
    const { broadcast, campaigns, clock, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    const revoked = new ParleyError('ERR_AUTHENTICATION', 'The key is wrong');
    for (let times = 0; times < 60; times += 1) campaigns.failures.push({ method: 'find', error: revoked });
    await clock.advance(HOUR / 4);
    expect(campaigns.failures.length).toBeGreaterThan(0);
    expect(told).toEqual([expect.stringContaining('fails for the moment')]);
    await clock.advance(HOUR);
    expect(campaigns.failures).toEqual([]);
    campaigns.progress({ sent: 3 }, 'done');
    expect(await ended(scene, id)).toMatchObject({ state: 'completed', counts: { sent: 3 } });
  });

  test('a campaign that has ended is asked for no longer than two quiet days, however often the bot is started anew', async () => {
    const scene = await setNative();
    const { broadcast, other, campaigns, clock, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    campaigns.progress({ sent: 3 }, 'done');
    await ended(scene, id);
    await clock.advance(30 * HOUR);
    await broadcast.stop();
    await other.start();
    await clock.advance(20 * HOUR);
    const find = jest.spyOn(campaigns, 'find');
    await clock.advance(12 * HOUR);
    expect(find).not.toHaveBeenCalled();
  });

  test('a key that is revoked after the end of a campaign is not tried for ever', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    campaigns.progress({ sent: 3 }, 'done');
    await ended(scene, id);
    const find = jest.spyOn(campaigns, 'find');
    find.mockRejectedValue(new ParleyError('ERR_AUTHENTICATION', 'The key is wrong'));
    await clock.advance(50 * HOUR);
    expect(find).toHaveBeenCalled();
    find.mockClear();
    await clock.advance(12 * HOUR);
    expect(find).not.toHaveBeenCalled();
  });

  test.each(['address', 'create', 'find'] as const)(
    'an outage while it does "%s" is waited out',
    async (method) => {
      const warned: unknown[] = [];
      const log = { ...silentLog, warn: (fields: object) => warned.push(fields) };
      const scene = await setNative({}, { log });
      const { broadcast, campaigns, throughout } = scene;
      for (const _ of [1, 2, 3]) campaigns.failures.push({ method, error: outage() });
      const { id } = await broadcast.run(aCampaign(3));
      await throughout(id);
      expect(campaigns.failures).toEqual([]);
      // What is an effect, the engine repeats.
      const told = { run: id, code: 'ERR_UNAVAILABLE', reason: 'The provider is out of order' };
      expect(warned).toMatchObject(method === 'create' ? [] : [told]);
      expect(campaigns.addressed).toHaveLength(3);
      expect(campaigns.drafts).toHaveLength(1);
      expect(campaigns.paid).toHaveLength(1);
    },
  );

  test.each(['address', 'find'] as const)(
    'it can be canceled while the provider cannot "%s", and does not do so afterwards',
    async (method) => {
      const scene = await setNative();
      const { broadcast, campaigns, clock } = scene;
      for (let times = 0; times < 500; times += 1) campaigns.failures.push({ method, error: outage() });
      const { id } = await broadcast.run(aCampaign(3));
      await clock.advance(60_000);
      await broadcast.cancel(id);
      expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 3, waiting: 0 });
      campaigns.failures.length = 0;
      const before = [...campaigns.addressed];
      await clock.advance(HOUR);
      expect(campaigns.addressed).toEqual(before);
      expect(campaigns.drafts).toEqual([]);
    },
  );

  test('canceled while the provider is out of order, it is not made once the provider is back', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock } = scene;
    for (let times = 0; times < 500; times += 1)
      campaigns.failures.push({ method: 'create', error: outage() });
    const { id } = await broadcast.run(aCampaign(3));
    await clock.advance(10_000);
    expect(campaigns.failures.length).toBeLessThan(500);
    await broadcast.cancel(id);
    campaigns.failures.length = 0;
    expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 3 });
    expect(campaigns.drafts).toEqual([]);
  });

  test('who opted out before the provider is told is not named to it', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, other, throughout } = scene;
    await broadcast.stop();
    const { id } = await broadcast.run(aCampaign(3));
    await other.suppressions.add(phone(1), 'opted_out');
    await other.start();
    await throughout(id);
    expect(campaigns.addressed.map(({ to }) => to.value)).toEqual([phone(0), phone(2)]);
    expect(campaigns.paid).toMatchObject([{ recipients: 2 }]);
    expect(await broadcast.status(id)).toMatchObject({ recipients: 2, excluded: { opted_out: 1 } });
  });

  test('who opts out while the template is reviewed is on the list no more when it is paid', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(3));
    await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
    expect(campaigns.addressed).toHaveLength(3);
    await broadcast.suppressions.add(phone(1), 'opted_out');
    await throughout(id);
    expect(campaigns.addressed.map(({ to }) => to.value)).toEqual([phone(0), phone(2)]);
    const [{ draft, recipients } = {}] = campaigns.paid;
    expect(recipients).toBe(2);
    expect(draft).toMatchObject({ key: 'may-1', audience: expect.stringMatching(/^may-1-\w{12}$/) });
    expect(await broadcast.status(id)).toMatchObject({ recipients: 2, excluded: { opted_out: 1 } });
  });

  test('also who opts out by the other address of their row, which the provider never sees', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    const contacts = [0, 1].map((index) => ({
      phone: phone(index),
      email: `p${index}@example.com`,
      name: 'X',
    }));
    const { id } = await broadcast.run(aCampaign(0, { audience: [{ contacts }] }));
    await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
    await broadcast.suppressions.add('p1@example.com', 'opted_out');
    await throughout(id);
    expect(campaigns.addressed).toEqual([
      { to: { channel: 'whatsapp', value: phone(0) }, name: 'X', values: { 'contact.name': 'X' } },
    ]);
    expect(await broadcast.status(id)).toMatchObject({ recipients: 1, excluded: { opted_out: 1 } });
  });

  test('where nothing is reviewed, people are named when it is time', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock } = scene;
    campaigns.accepts = { ...campaigns.accepts, approval: false, audienceAtRun: false };
    const { id } = await broadcast.run(aCampaign(3, { at: new Date(clock.now() + HOUR).toISOString() }));
    await clock.advance(HOUR / 2);
    expect(campaigns.addressed).toEqual([]);
    await broadcast.suppressions.add(phone(1), 'opted_out');
    await clock.advance(HOUR / 2);
    await reaches(scene, id, ({ state }) => state === 'running');
    expect(campaigns.addressed.map(({ to }) => to.value)).toEqual([phone(0), phone(2)]);
    expect(campaigns.paid).toMatchObject([{ recipients: 2 }]);
  });

  test('waits for its time, with everything ready; canceled before, it is never paid', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock } = scene;
    const at = new Date(clock.now() + 5 * HOUR).toISOString();
    for (const [name, wanted] of [
      ['may', 1],
      ['june', 1],
    ] as const) {
      campaigns.campaign = undefined;
      const { id } = await broadcast.run(aCampaign(3, { at, name }));
      await reaches(scene, id, ({ state }) => state === 'awaiting_approval');
      campaigns.decide('approved');
      await reaches(scene, id, ({ state }) => state === 'scheduled');
      if (name === 'may') continue;
      await broadcast.cancel(id);
      expect(await ended(scene, id)).toMatchObject({ state: 'canceled', canceled: 3 });
      expect(await outcomesOf(broadcast, id)).toEqual(['canceled', 'canceled', 'canceled']);
      await clock.advance(6 * HOUR);
      expect(campaigns.paid).toHaveLength(wanted);
    }
  });

  test('in the provider’s hands it is steered only where the provider can', async () => {
    for (const steerable of [false, true]) {
      const scene = await setNative();
      const { broadcast, campaigns, throughout, clock } = scene;
      if (steerable) campaigns.beSteerable();
      const { id } = await broadcast.run(aCampaign(3));
      await throughout(id);
      campaigns.progress({ sent: 1 }, 'running');
      if (!steerable) {
        await expect(broadcast.pause(id)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
        await expect(broadcast.cancel(id)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
        continue;
      }
      expect(await broadcast.pause(id)).toMatchObject({ state: 'paused' });
      await clock.advance(600_000);
      await broadcast.resume(id);
      await clock.advance(600_000);
      await broadcast.cancel(id);
      expect(await ended(scene, id)).toMatchObject({
        state: 'canceled',
        counts: { sent: 1 },
        waiting: 0,
        canceled: 0,
        unknown: 2,
      });
      // Of nobody does the provider tell who the first one was.
      expect(await outcomesOf(broadcast, id)).toEqual(['unknown', 'unknown', 'unknown']);
      expect(campaigns.steered).toEqual(['pause shop:c1', 'resume shop:c1', 'pause shop:c1']);
    }
  });

  test('canceled while it is paused, it ends', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock, throughout } = scene;
    campaigns.beSteerable();
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    campaigns.progress({ sent: 1 }, 'running');
    await broadcast.pause(id);
    await clock.advance(600_000);
    await broadcast.cancel(id);
    expect(await ended(scene, id)).toMatchObject({ state: 'canceled', unknown: 2 });
    expect(campaigns.steered).toEqual(['pause shop:c1']);
  });

  test('paused by one process and resumed while none is there, it goes on at the provider with the next one', async () => {
    const scene = await setNative();
    const { broadcast, other, campaigns, clock, throughout } = scene;
    campaigns.beSteerable();
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    campaigns.progress({ sent: 1 }, 'running');
    await broadcast.pause(id);
    await clock.advance(600_000);
    await broadcast.stop();
    await other.resume(id);
    await other.start();
    await clock.advance(600_000);
    expect(campaigns.steered).toEqual(['pause shop:c1', 'resume shop:c1']);
  });
});

describe('a run whose answer never came', () => {
  test.each([
    ['had happened: it goes on, and is paid once', true, 1, 'running'],
    ['had not: it is sent again', false, 1, 'running'],
    ['and nobody can know: it is not repeated', undefined, 1, 'outcome_unknown'],
  ] as const)('%s', async (_name, found, paid, state) => {
    const scene = await setNative();
    const { broadcast, campaigns, clock, throughout } = scene;
    const carriedOut = found === false ? {} : { carriedOut: true as const };
    campaigns.failures.push({ method: 'run', error: lostAnswer(), ...carriedOut });
    campaigns.found = found;
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    await clock.advance(HOUR);
    expect(await broadcast.status(id)).toMatchObject({ state });
    await broadcast.run(aCampaign(3));
    await clock.advance(48 * HOUR);
    expect(campaigns.paid).toHaveLength(paid);
    if (state !== 'outcome_unknown') return;
    expect(await broadcast.status(id)).toMatchObject({
      unknown: 3,
      waiting: 0,
      reason: expect.stringContaining('look there'),
    });
    expect(await outcomesOf(broadcast, id)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test.each([
    [true, 'running', 1],
    [undefined, 'outcome_unknown', 1],
  ] as const)(
    'and that was so long ago that the engine has forgotten it is looked up first (%s)',
    async (found, state, paid) => {
      const scene = await setNative();
      const { broadcast, other, campaigns, clock } = scene;
      const { id } = await broadcast.run(aCampaign(3));
      await reaches(scene, id, ({ state: now }) => now === 'awaiting_approval');
      // It is paid, and this process ends before it has noted anything of that.
      const { run } = campaigns;
      campaigns.run = async (request) => {
        await run(request);
        await broadcast.stop();
      };
      campaigns.decide('approved');
      await clock.advance(60_000);
      expect(campaigns.paid).toHaveLength(1);
      await clock.advance(60 * HOUR);
      campaigns.found = found;
      await other.start();
      await clock.advance(60_000);
      expect(await other.status(id)).toMatchObject({ state });
      expect(campaigns.paid).toHaveLength(paid);
    },
  );
});

describe('what the provider tells of single people', () => {
  test('is in the export, and only moves up', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(4));
    await throughout(id);
    const to = (index: number) => ({ channel: 'whatsapp', value: phone(index) });
    campaigns.people = [
      { to: to(0), status: 'read', answer: { label: 'Yes', value: 'yes' } },
      { to: to(1), status: 'sent' },
      { to: to(2), reason: 'not_on_channel' },
      { to: { channel: 'whatsapp', value: '+31699999999' }, status: 'read' },
    ];
    campaigns.progress({ sent: 2, failed: 1 }, 'running');
    await reaches(scene, id, ({ counts }) => counts.sent === 2);
    const people = await all(broadcast.recipients(id));
    expect(people.map(({ status, reason, answer }) => ({ status, reason, answer }))).toEqual([
      { status: 'read', reason: undefined, answer: 'Yes' },
      { status: 'sent', reason: undefined, answer: undefined },
      { status: 'failed', reason: 'not_on_channel', answer: undefined },
      { status: 'waiting', reason: undefined, answer: undefined },
    ]);
    campaigns.people = [{ to: to(0), status: 'delivered' }];
    campaigns.progress({ sent: 3, failed: 1 }, 'done');
    expect(await ended(scene, id)).toMatchObject({ counts: { sent: 3, read: 1, failed: 1 } });
    expect((await outcomesOf(broadcast, id))[0]).toBe('read');
  });

  test('counts each of them once, also where the provider counts who failed among those it has sent to', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(4));
    await throughout(id);
    const to = (index: number) => ({ channel: 'whatsapp', value: phone(index) });
    // Two were lost on their way, one has it, and of the last nothing is known yet.
    campaigns.people = [
      { to: to(0), status: 'failed', reason: 'delivery_error' },
      { to: to(1), status: 'failed', reason: 'delivery_error' },
      { to: to(2), status: 'delivered' },
    ];
    campaigns.progress({ sent: 3, delivered: 1 }, 'running');
    await reaches(scene, id, ({ counts }) => counts.failed === 2);
    expect(await broadcast.status(id)).toMatchObject({
      waiting: 1,
      counts: { sent: 1, delivered: 1, failed: 2 },
    });
    // Totals alone tell of the last one.
    campaigns.progress({ sent: 4, delivered: 2, failed: 2 }, 'done');
    expect(await ended(scene, id)).toMatchObject({
      recipients: 4,
      waiting: 0,
      counts: { sent: 2, delivered: 2, failed: 2 },
    });
  });

  test('is asked for again after everybody has it, though no total has changed', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, clock, throughout } = scene;
    const { id } = await broadcast.run(aCampaign(2));
    await throughout(id);
    const to = (index: number) => ({ channel: 'whatsapp', value: phone(index) });
    campaigns.people = [
      { to: to(0), status: 'sent' },
      { to: to(1), status: 'sent' },
    ];
    campaigns.progress({ sent: 2 }, 'done');
    await ended(scene, id);
    await clock.advance(HOUR);
    campaigns.people = [{ to: to(1), status: 'failed', reason: 'delivery_error' }];
    await clock.advance(2 * HOUR);
    expect(await broadcast.status(id)).toMatchObject({ counts: { sent: 1, failed: 1 } });
    expect(await outcomesOf(broadcast, id)).toEqual(['sent', 'failed']);
    // Nothing new for long: it is asked for ever more seldom.
    const asked = jest.spyOn(campaigns, 'results');
    await clock.advance(24 * HOUR);
    expect(asked.mock.calls.length).toBeLessThan(20);
  });

  test('is theirs, however the provider writes their e-mail address', async () => {
    const scene = await setNative();
    const { broadcast, campaigns, throughout } = scene;
    campaigns.accepts = { ...campaigns.accepts, addresses: ['email'] };
    const audience = [{ contacts: [{ email: 'Noor@X.nl', name: 'Noor' }] }];
    const { id } = await broadcast.run(aCampaign(0, { audience }));
    await throughout(id);
    campaigns.people = [{ to: { channel: 'email', value: 'noor@x.nl' }, status: 'read' }];
    campaigns.progress({ sent: 1 }, 'done');
    await ended(scene, id);
    expect(await outcomesOf(broadcast, id)).toEqual(['read']);
  });

  test('by events counts at once, and answers on another account name the campaign', async () => {
    const scene = await setNative();
    const { broadcast, bot, help, clock, throughout } = scene;
    const heard: unknown[] = [];
    bot.on('message.received', (turn) => {
      heard.push(turn.message.attribution?.run);
    });
    const { id } = await broadcast.run(aCampaign(3));
    await throughout(id);
    await clock.advance(10);
    const campaign = { id: 'shop:c1', to: { channel: 'whatsapp', value: phone(2) } };
    await bot.engine.accept([
      anEvent('message.read', { account: 'shop', conversationId: 'shop:x', campaign }),
      anEvent('campaign.progress', {
        account: 'shop',
        campaignId: 'shop:c1',
        counts: { sent: 3, delivered: 2 },
      }),
    ]);
    await clock.advance(10);
    expect(await outcomesOf(broadcast, id)).toEqual(['waiting', 'waiting', 'read']);
    expect(await broadcast.status(id)).toMatchObject({ counts: { sent: 3, delivered: 2, read: 1 } });
    await help.says('tell me more', { from: phone(1) });
    await clock.advance(10);
    expect(heard).toEqual([id]);
  });
});
