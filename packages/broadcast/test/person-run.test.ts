import { afterEach, describe, expect, test } from '@jest/globals';
import { createBot, type Engine, memoryEngine, silentLog } from '@parley/core';
import { anEvent, type FakeAdapter, fakeAdapter, type VirtualClock, virtualClock } from '@parley/testing';
import {
  type Broadcast,
  type BroadcastOptions,
  type CampaignRecipient,
  type CampaignSpec,
  createBroadcast,
  openRuns,
} from '../src/index.js';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Scene {
  clock: VirtualClock;
  engine: Engine;
  shop: FakeAdapter;
  broadcast: Broadcast;
  bot: ReturnType<typeof botOf>;
}

function botOf(engine: Engine, shop: FakeAdapter, help: FakeAdapter) {
  return createBot({ accounts: { shop, help }, engine, log: silentLog });
}

/** A bot with two accounts on a clock that stands still. */
async function scene(
  options: BroadcastOptions = {},
  engineOptions = {},
): Promise<Scene & { help: FakeAdapter }> {
  const clock = virtualClock();
  const engine = memoryEngine({ clock, lookUpAfterMs: 100, ...engineOptions });
  const shop = fakeAdapter();
  const help = fakeAdapter();
  const bot = botOf(engine, shop, help);
  const broadcast = createBroadcast(bot, { log: silentLog, ...options });
  await bot.start();
  await broadcast.start();
  open.push(bot, { close: () => broadcast.stop() });
  return { clock, engine, shop, help, bot, broadcast };
}

const phone = (index: number): string => `+3161234${String(index).padStart(4, '0')}`;

function aCampaign(people: number, changes: Partial<CampaignSpec> = {}): CampaignSpec {
  const contacts = Array.from({ length: people }, (_, index) => ({
    phone: phone(index),
    name: `Person ${index}`,
  }));
  return {
    name: 'may',
    account: 'shop',
    template: { body: 'Hello {contact.name}', language: 'en' },
    audience: [{ contacts }],
    ...changes,
  };
}

async function all(recipients: AsyncIterable<CampaignRecipient>): Promise<CampaignRecipient[]> {
  const found: CampaignRecipient[] = [];
  for await (const recipient of recipients) found.push(recipient);
  return found;
}

/** Until the run has ended, however long its clock takes. */
async function ended({ clock, broadcast }: Scene, id: string) {
  for (let second = 0; second < 500; second += 1) {
    const status = await broadcast.status(id);
    if (status.endedAt !== undefined) return status;
    await clock.advance(1000);
  }
  throw new Error(`the run has not ended: ${JSON.stringify(await broadcast.status(id))}`);
}

describe('a run by person', () => {
  test('everybody gets their own words, once, and the report says so', async () => {
    const at = await scene();
    const { shop, broadcast } = at;
    const { id } = await broadcast.run(aCampaign(250));
    expect(id).toBe('may-1');
    expect(await ended(at, id)).toMatchObject({
      state: 'completed',
      recipients: 250,
      waiting: 0,
      unknown: 0,
      counts: { sent: 250, delivered: 0, read: 0, failed: 0 },
      deliveryRate: 0,
    });
    expect(shop.texts.toSorted()).toEqual(
      Array.from({ length: 250 }, (_, index) => `Hello Person ${index}`).toSorted(),
    );
    const people = await all(broadcast.recipients(id));
    expect(people).toHaveLength(250);
    expect(people[7]).toEqual({
      to: { channel: 'whatsapp', value: phone(7) },
      name: 'Person 7',
      status: 'sent',
    });
  });
});
