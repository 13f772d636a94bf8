import { type Bot, type CampaignPort, createBot, type Engine, memoryEngine, silentLog } from '@parley/core';
import { type FakeAdapter, fakeAdapter, type VirtualClock, virtualClock } from '@parley/testing';
import {
  type Broadcast,
  type BroadcastOptions,
  type CampaignRecipient,
  type CampaignSpec,
  createBroadcast,
  type RunStatus,
} from '../src/index.js';
import { withCampaigns } from './fake-campaigns.js';

/** A bot with two accounts, the shop's with campaigns of its own if there are any, on a clock that stands still until it is moved. */
export interface Scene {
  clock: VirtualClock;
  engine: Engine;
  shop: FakeAdapter;
  help: FakeAdapter;
  bot: Bot<{ shop: ReturnType<typeof withCampaigns>; help: FakeAdapter }>;
  broadcast: Broadcast;
  /** The campaigns of another process that has the same state. Not started. */
  other: Broadcast;
}

const open: { close(): Promise<unknown> }[] = [];

export async function closeScenes(): Promise<void> {
  for (const one of open.splice(0).reverse()) await one.close();
}

export async function setScene(
  options: BroadcastOptions = {},
  engineOptions: Parameters<typeof memoryEngine>[0] = {},
  campaigns?: CampaignPort,
  shop = fakeAdapter(),
): Promise<Scene> {
  const clock = virtualClock();
  const engine = memoryEngine({ clock, lookUpAfterMs: 100, ...engineOptions });
  const help = fakeAdapter();
  const accounts = { shop: campaigns === undefined ? shop : withCampaigns(shop, campaigns), help };
  const bot = createBot({ accounts, engine, log: silentLog });
  const broadcast = createBroadcast(bot, { log: silentLog, ...options });
  const other = createBroadcast(bot, { log: silentLog, ...options, optOut: false });
  await bot.start();
  shop.deliverTo((request) => bot.webhook('shop', request));
  help.deliverTo((request) => bot.webhook('help', request));
  await broadcast.start();
  const stopped = async (): Promise<void> => {
    await broadcast.stop();
    await other.stop();
  };
  open.push(bot, { close: stopped });
  return { clock, engine, shop, help, bot, broadcast, other };
}

export const phone = (index: number): string => `+3161234${String(index).padStart(4, '0')}`;

/** Greets so many people by their names. */
export function aCampaign(people: number, changes: Partial<CampaignSpec> = {}): CampaignSpec {
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

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function outcomesOf(broadcast: Pick<Broadcast, 'recipients'>, id: string): Promise<string[]> {
  return (await all<CampaignRecipient>(broadcast.recipients(id))).map(({ status }) => status);
}

/** Moves the clock until the run is as it is looked for. */
export async function reaches(
  { clock, broadcast }: Pick<Scene, 'clock' | 'broadcast'>,
  id: string,
  isReached: (status: RunStatus) => boolean,
): Promise<RunStatus> {
  for (let second = 0; second < 500; second += 1) {
    const status = await broadcast.status(id);
    if (isReached(status)) return status;
    await clock.advance(1000);
  }
  throw new Error(`it is not reached: ${JSON.stringify(await broadcast.status(id))}`);
}

export function ended(scene: Pick<Scene, 'clock' | 'broadcast'>, id: string): Promise<RunStatus> {
  return reaches(scene, id, ({ endedAt }) => endedAt !== undefined);
}
