import { afterEach, describe, expect, test } from '@jest/globals';
import type { CampaignDraft, Checkpoint, Event, EventName, EventOf } from '@parley/core';
import type { ChatIncEmulatorOptions } from '@parley/emulators';
import type { ChatIncAdapter, ChatIncOptions } from '../src/index.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;
afterEach(() => stage.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const emulated: ChatIncEmulatorOptions = {
  approvalDelayMs: 10 * MINUTE,
  deliveredRate: 1,
  readRate: 1,
  sentWithinMs: MINUTE,
  deliveredWithinMs: 10 * MINUTE,
  readWithinMs: HOUR,
  errorCounters: 'total',
};

/** A day in a few looks. */
const poll = { listMs: 10 * MINUTE };

const draft: CampaignDraft = {
  key: 'may',
  title: 'May',
  template: {
    body: 'Hello.',
    language: 'en',
    buttons: [
      { type: 'reply', label: 'Yes please', value: 'deliver' },
      { type: 'reply', label: 'Not yet', value: 'wait' },
    ],
  },
  example: {},
};

async function* people(...last: number[]) {
  for (const each of last) yield { to: { channel: 'whatsapp', value: `+44770090010${each}` }, values: {} };
}

const memory = (): Checkpoint & { text?: string } => {
  const kept: Checkpoint & { text?: string } = {
    read: () => Promise.resolve(kept.text),
    write: (text) => {
      kept.text = text;
      return Promise.resolve();
    },
  };
  return kept;
};

interface Ears {
  heard: Event[];
  named<Name extends EventName>(name: Name): EventOf<Name>[];
  /** Waits until so many events of a name were heard. The feed itself moves time ahead. */
  until(done: (heard: readonly Event[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the feed until it is told to stop. */
function listen({ feed }: ChatIncAdapter): Ears {
  const heard: Event[] = [];
  const end = new AbortController();
  let wake = (): void => {};
  const reading = (async () => {
    for await (const batch of feed.events(end.signal)) {
      heard.push(...batch);
      wake();
    }
  })();
  return {
    heard,
    named: <Name extends EventName>(name: Name) =>
      heard.filter((event): event is EventOf<Name> => event.name === name),
    until: async (done) => {
      while (!done(heard)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    stop: async () => {
      end.abort();
      await reading;
    },
  };
}

const completed = (heard: readonly Event[]) => heard.some(({ name }) => name === 'campaign.completed');

async function start(
  emulator: ChatIncEmulatorOptions = {},
  options: Partial<ChatIncOptions> = {},
  kept = memory(),
) {
  stage = await startStage({ ...emulated, ...emulator });
  const adapter = stage.open({ poll, ...options }, { checkpoint: kept });
  const ears = listen(adapter);
  // Its first look: what was there before is not told.
  while (kept.text === undefined) await new Promise((resolve) => setImmediate(resolve));
  return { adapter, ears, kept };
}

/** Makes the campaign, waits for its template and runs it. */
async function send({ campaigns }: ChatIncAdapter, { until }: Ears, ...last: number[]) {
  await campaigns.address(draft, people(...last));
  const { id } = await campaigns.create(draft);
  await until((heard) =>
    heard.some((event) => event.name === 'template.updated' && event.status === 'approved'),
  );
  await campaigns.run({ draft, campaignId: id, recipients: last.length, before: { counts: {} } });
  return id;
}

describe('the feed', () => {
  test('tells a campaign from its creation to its end, each thing once', async () => {
    const { adapter, ears } = await start({}, {});
    const id = await send(adapter, ears, 1, 2);
    await ears.until(completed);
    await ears.stop();
    const told = ears.heard.map(({ name }) => name);
    const order = [
      'campaign.created',
      'template.updated',
      'campaign.started',
      'campaign.progress',
      'campaign.completed',
    ];
    expect(order.map((name) => told.indexOf(name as EventName))).toEqual(
      order.map((name) => told.indexOf(name as EventName)).toSorted((a, b) => a - b),
    );
    expect(ears.named('template.updated')).toEqual([
      expect.objectContaining({ campaignId: id, status: 'approved', previous: 'pending' }),
    ]);
    expect(ears.named('campaign.started')).toHaveLength(1);
    expect(ears.named('campaign.progress').at(-1)).toMatchObject({
      campaignId: id,
      counts: { sent: 2, delivered: 2, read: 2, failed: 0 },
    });
    for (const name of ['message.sent', 'message.delivered', 'message.read'] as const) {
      const told = ears.named(name).map((event) => event.campaign);
      expect(told).toHaveLength(2);
      for (const value of ['+447700900101', '+447700900102']) {
        expect(told).toContainEqual({ id, to: { channel: 'whatsapp', value } });
      }
    }
    expect(new Set(ears.heard.map((event) => event.id)).size).toBe(ears.heard.length);
    const [sent] = ears.named('message.sent');
    expect(ears.named('message.read').map(({ messageId }) => messageId)).toContain(sent?.message.id);
    expect(sent?.conversationId).toMatch(/^promo:44770090010[12]$/);
    expect(sent?.native).toBe('retrieve/campaign');
    expect(ears.named('campaign.started')[0]?.native).toBe('retrieve/campaigns');
    expect(ears.heard.some((event) => 'raw' in event)).toBe(false);
  });

  test('tells a message that could not be delivered, and why', async () => {
    const { adapter, ears } = await start({ notOnWhatsApp: ['447700900101'] });
    await send(adapter, ears, 1, 2);
    await ears.until(completed);
    await ears.stop();
    expect(ears.named('message.failed')).toEqual([
      expect.objectContaining({ conversationId: 'promo:447700900101', reason: 'not_on_channel' }),
    ]);
    expect(ears.named('message.read')).toHaveLength(1);
  });

  test.each(['text', 'input'] as const)(
    'tells the button that was pressed, given by its %s',
    async (pressAction) => {
      const { adapter, ears } = await start({ pressAction, listButtonInput: true });
      await send(adapter, ears, 1);
      await ears.until((heard) => heard.some(({ name }) => name === 'message.read'));
      stage.emulator.press('447700900101', { button: 'Not yet' });
      await ears.until((heard) => heard.some(({ name }) => name === 'message.received'));
      await ears.stop();
      expect(ears.named('message.received')).toEqual([
        expect.objectContaining({
          conversationId: 'promo:447700900101',
          message: expect.objectContaining({
            direction: 'in',
            author: { role: 'contact', id: 'promo:447700900101' },
            content: { kind: 'choice', label: 'Not yet', value: 'wait' },
          }),
        }),
      ]);
    },
  );

  test('invents nothing where rows have no state', async () => {
    const { adapter, ears } = await start({ detailsStatus: 'absent' });
    await send(adapter, ears, 1, 2);
    await ears.until(completed);
    await ears.stop();
    expect(ears.heard.filter(({ name }) => name.startsWith('message.'))).toEqual([]);
    expect(ears.named('campaign.progress').at(-1)?.counts).toMatchObject({ read: 2 });
    expect(adapter.perRecipientStatus()).toBe(false);
  });

  test('goes by the counters where runs are not listed, and by the longest time where not everybody’s fate is known', async () => {
    const { adapter, ears } = await start({ listRuns: false, errorCounters: 'absent', deliveredRate: 0 });
    await send(adapter, ears, 1);
    const before = stage.emulator.clock.now();
    await ears.until(completed);
    await ears.stop();
    expect(stage.emulator.clock.now() - before).toBeGreaterThanOrEqual(72 * HOUR - 20 * MINUTE);
    expect(ears.named('campaign.started')).toHaveLength(1);
  });

  test('keeps what the provider says, where that is asked for', async () => {
    const { adapter, ears } = await start({}, { keepRaw: true });
    const route = 'POST /v1/retrieve/campaign';
    const row = { number: '447700900101', action: 'opted out' };
    stage.emulator.faults.next({ kind: 'status', status: 200, body: [row], route });
    await send(adapter, ears, 1);
    await ears.until((heard) => heard.some(({ name }) => name === 'message.read'));
    await ears.stop();
    expect(ears.named('campaign.progress').map(({ raw }) => raw)).toContainEqual(row);
    expect(ears.named('message.received')).toEqual([]);
    expect(ears.named('message.read')[0]?.raw).toMatchObject({ number: '447700900101' });
    expect(ears.named('campaign.created')[0]?.raw).toMatchObject({ title: expect.stringMatching(/^May/) });
  });

  test('tells every change of a template', async () => {
    const { adapter, ears } = await start({ approval: 'manual' });
    const { id } = await adapter.campaigns.create(draft);
    const campaignId = id.replace('promo:', '');
    const statuses = ['APPROVED', 'PAUSED', 'APPROVED', 'DISABLED'] as const;
    for (const [index, status] of statuses.entries()) {
      stage.emulator.setTemplateStatus(campaignId, status);
      await ears.until((heard) => heard.filter(({ name }) => name === 'template.updated').length > index);
    }
    await ears.stop();
    expect(ears.named('template.updated').map(({ status }) => status)).toEqual([
      'approved',
      'paused',
      'approved',
      'disabled',
    ]);
    expect(new Set(ears.heard.map((event) => event.id)).size).toBe(ears.heard.length);
  });
});

describe('a feed that begins', () => {
  test('does not tell what was there before a first start', async () => {
    const { adapter, ears, kept } = await start();
    await send(adapter, ears, 1);
    await ears.until(completed);
    await ears.stop();
    delete kept.text;
    const fresh = memory();
    const again = listen(stage.open({ poll }, { checkpoint: fresh }));
    while (fresh.text === undefined) await new Promise((resolve) => setImmediate(resolve));
    await again.stop();
    expect(again.heard).toEqual([]);
  });

  test('again goes on where the last one was, and loses nothing of the time between', async () => {
    const { adapter, ears, kept } = await start();
    await send(adapter, ears, 1, 2);
    await ears.until((heard) => heard.filter(({ name }) => name === 'message.sent').length === 2);
    await ears.stop();
    await adapter.close();
    stage.emulator.clock.advance(3 * HOUR);
    stage.emulator.press('447700900102', { button: 'Yes please' });

    const later = listen(stage.open({ poll }, { checkpoint: kept }));
    await later.until(completed);
    await later.stop();
    expect(later.named('message.sent')).toEqual([]);
    expect(later.named('message.read')).toHaveLength(2);
    expect(later.named('message.received')).toHaveLength(1);
  });

  test('again goes on where an older version was, which stored people by their digits', async () => {
    const { adapter, ears, kept } = await start();
    await send(adapter, ears, 1, 2);
    await ears.until((heard) => heard.filter(({ name }) => name === 'message.sent').length === 2);
    await ears.stop();
    await adapter.close();
    const { campaigns } = JSON.parse(kept.text ?? '');
    expect(campaigns).toHaveLength(1);
    for (const [, watched] of campaigns) {
      const people: [unknown, number[]][] = watched.people;
      watched.people = Object.fromEntries(people.flatMap(([told, all]) => all.map((each) => [each, told])));
      expect(Object.keys(watched.people)).toEqual(['447700900101', '447700900102']);
    }
    kept.text = JSON.stringify({ campaigns });

    stage.emulator.clock.advance(3 * HOUR);
    const later = listen(stage.open({ poll }, { checkpoint: kept }));
    await later.until(completed);
    await later.stop();
    expect(later.named('message.sent')).toEqual([]);
    expect(later.named('message.read')).toHaveLength(2);
  });

  test('where the last one ended tells what is new, and nothing else', async () => {
    const { adapter, ears, kept } = await start();
    await send(adapter, ears, 1);
    await ears.until(completed);
    await ears.stop();
    const { id } = await adapter.campaigns.create({ ...draft, key: 'june' });
    const later = listen(stage.open({ poll }, { checkpoint: kept }));
    await later.until((heard) => heard.some(({ name }) => name === 'template.updated'));
    await later.stop();
    expect(later.heard).toEqual([
      expect.objectContaining({ name: 'campaign.created', campaignId: id }),
      expect.objectContaining({ name: 'template.updated', campaignId: id }),
    ]);
  });

  test('after a run of old does not tell its people when one of them reads late', async () => {
    stage = await startStage({ ...emulated, approvalDelayMs: 0, deliveredRate: 1, readRate: 0 });
    const { campaigns } = stage.open();
    await campaigns.address(draft, people(1, 2, 3));
    const { id } = await campaigns.create(draft);
    await campaigns.run({ draft, campaignId: id, recipients: 3, before: { counts: {} } });
    stage.emulator.clock.advance(24 * HOUR);
    const fresh = memory();
    const ears = listen(stage.open({ poll }, { checkpoint: fresh }));
    const looked = async (before: string | undefined): Promise<string | undefined> => {
      while (fresh.text === before) await new Promise((resolve) => setImmediate(resolve));
      return fresh.text;
    };
    const begun = await looked(undefined);
    stage.emulator.press('447700900101', { button: 'Yes please' });
    await looked(begun);
    expect(ears.heard.map(({ name }) => name)).toEqual(['campaign.progress']);
    stage.emulator.press('447700900102', { button: 'Not yet' });
    await ears.until((heard) => heard.some(({ name }) => name === 'message.received'));
    await ears.stop();
    expect(ears.heard.filter(({ name }) => name.startsWith('message.')).map(({ name }) => name)).toEqual([
      'message.read',
      'message.received',
    ]);
  });

  test('again with an older mark tells the same under the same ids', async () => {
    const { adapter, ears, kept } = await start();
    await send(adapter, ears, 1, 2);
    const { text } = kept;
    await ears.until(completed);
    await ears.stop();

    const repeated = listen(stage.open({ poll }, { checkpoint: { ...memory(), read: async () => text } }));
    await repeated.until(completed);
    await repeated.stop();
    const known = new Set(ears.heard.map(({ id }) => id));
    const lasting = repeated.heard.filter(({ name }) => name !== 'campaign.progress');
    expect(lasting.filter(({ id }) => !known.has(id))).toEqual([]);
    expect(repeated.named('message.read')).toHaveLength(2);
  });

  test('without a place for its mark works all the same', async () => {
    stage = await startStage(emulated);
    const adapter = stage.open();
    const ears = listen(adapter);
    while (stage.emulator.journal.entries.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await adapter.campaigns.create(draft);
    await ears.until((heard) => heard.length > 1);
    await ears.stop();
    expect(ears.heard.map(({ name }) => name)).toEqual(['campaign.created', 'template.updated']);
  });
});

describe('trouble', () => {
  test('with the list is waited out, longer each time, and told to the log', async () => {
    const { adapter, ears } = await start({ approval: 'manual' }, { poll: {} });
    const { id } = await adapter.campaigns.create(draft);
    await ears.until((heard) => heard.length > 0);
    stage.emulator.approve(id.replace('promo:', ''));
    stage.emulator.faults.next({
      kind: 'status',
      status: 401,
      route: 'GET /v1/retrieve/campaigns',
      times: 5,
    });
    await ears.until((heard) => heard.some(({ name }) => name === 'template.updated'));
    await ears.stop();
    const refusals = stage.logged.filter(({ fields }) => fields['code'] === 'ERR_AUTHENTICATION');
    expect(refusals).toHaveLength(5);
    const asked = stage.emulator.journal.requests({ path: '/v1/retrieve/campaigns' });
    const times = asked.filter(({ status }) => status === 401).map(({ at }) => Date.parse(at));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.toSorted((a, b) => a - b)).toEqual(gaps);
    expect(gaps[0]).toBeGreaterThanOrEqual(MINUTE);
  });

  test('with an answer that breaks off tells nothing of it, and all of it once it is whole', async () => {
    const { adapter, ears } = await start();
    const rows = Array.from({ length: 2_000 }, (_, index) => ({
      number: String(447_700_900_000 + index),
      action: '',
      status: 'read',
    }));
    const whole = JSON.stringify(rows);
    const route = 'POST /v1/retrieve/campaign';
    stage.emulator.faults.next({ kind: 'status', status: 200, body: whole.slice(0, -1), route });
    await send(adapter, ears, 1, 2);
    await ears.until(() => stage.logged.some(({ message }) => message.includes('is not JSON')));
    expect(ears.heard.filter(({ name }) => name.startsWith('message.'))).toEqual([]);
    stage.emulator.faults.next({ kind: 'status', status: 200, body: rows, route });
    await ears.until((heard) => heard.filter(({ name }) => name === 'message.read').length >= 2_000);
    await ears.stop();
    expect(new Set(ears.named('message.read').map(({ id }) => id)).size).toBe(2_000);
  });

  test('with the details of one campaign does not hold up the others', async () => {
    const { adapter, ears } = await start({ detailsCsv: 'link' }, { detailsFormat: 'csv' });
    await send(adapter, ears, 1);
    const other = await adapter.campaigns.create({ ...draft, key: 'june', title: 'June' });
    await ears.until((heard) =>
      heard.some((event) => event.name === 'template.updated' && event.campaignId === other.id),
    );
    await ears.until(completed);
    await ears.stop();
    expect(stage.logged.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('not followed'),
    );
    expect(ears.named('message.sent')).toEqual([]);
  });

  test('with a counter that goes down is an older counter', async () => {
    const { adapter, ears } = await start({ listRuns: false });
    const id = await send(adapter, ears, 1, 2);
    await ears.until((heard) => heard.some(({ name }) => name === 'message.read'));
    const [campaign] = await adapter.api.retrieveCampaigns();
    const body = [{ ...campaign, totalSent: 1, totalDelivered: 0, totalRead: 0 }];
    stage.emulator.faults.next({ kind: 'status', status: 200, body, route: 'GET /v1/retrieve/campaigns' });
    await ears.until(completed);
    await ears.stop();
    const sent = ears.named('campaign.progress').map(({ counts }) => counts?.sent);
    expect(sent).toEqual(sent.toSorted((a = 0, b = 0) => a - b));
    expect(ears.named('campaign.started')).toEqual([expect.objectContaining({ campaignId: id })]);
    expect(stage.logged.map(({ message }) => message)).toContainEqual(expect.stringContaining('went down'));
  });

  test('ends with the account', async () => {
    const { adapter, ears } = await start();
    await adapter.close();
    await ears.stop();
    expect(
      (await adapter.feed.events(new AbortController().signal)[Symbol.asyncIterator]().next()).done,
    ).toBe(true);
  });
});

test('a second run is told under its own message ids', async () => {
  const { adapter, ears } = await start({}, { allowOverlappingRuns: true });
  const id = await send(adapter, ears, 1);
  await ears.until(completed);
  const audiences = [(await adapter.api.retrieveAudiences())[0]?.id ?? ''];
  await adapter.api.runCampaign({ campaignId: id.replace('promo:', ''), audiences });
  await ears.until((heard) => heard.filter(({ name }) => name === 'campaign.completed').length === 2);
  await ears.stop();
  expect(ears.named('campaign.started')).toHaveLength(2);
  const ids = ears.named('message.sent').map(({ message }) => message.id);
  expect(new Set(ids).size).toBe(ids.length);
});
