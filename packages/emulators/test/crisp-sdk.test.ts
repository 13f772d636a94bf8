import { describe, expect, test } from '@jest/globals';
import { Crisp } from 'crisp-api';
import { callEverything } from './crisp-api-calls.js';
import { apiMethods, departures } from './crisp-api-types.js';
import { useCrisp } from './crisp-world.js';
import type { Parsed } from './receiver.js';

const world = useCrisp();

/** The provider's own client, unchanged. */
function sdk(tier: 'user' | 'website' | 'plugin' = 'plugin'): Crisp {
  const client = new Crisp();
  client.setRestHost(world.emulator.origin);
  const { identifier, key } = world.keysOf(tier);
  client.authenticateTier(tier, identifier, key);
  return client;
}

const OF_PLUGINS = /^plugin\.(.*Connect|reportPluginUsage)/;

describe('crisp-api 11.3', () => {
  test('gets an answer of the declared type from each of its REST methods', async () => {
    const { emulator } = world;
    const clients: Record<string, Parsed> = { user: sdk('user'), plugin: sdk('plugin') };
    const visitor = emulator.visitor({ nickname: 'Ada', email: 'ada@client.test' });
    const called = new Map<string, number>();
    const wrong: string[] = [];

    await callEverything({
      emulator,
      visitor,
      async call(name, ...args) {
        const method = apiMethods.find((one) => one.name === name);
        if (method === undefined) throw new Error(`crisp-api has no ${name}`);
        const [service, verb] = name.split('.') as [string, string];
        const client = clients[OF_PLUGINS.test(name) ? 'plugin' : 'user'];
        const data = await client[service][verb](...args).catch((error: unknown) => {
          throw new Error(`${name}: ${JSON.stringify(error)}`);
        });
        called.set(name, (called.get(name) ?? 0) + 1);
        wrong.push(...departures(method.returns, data, name));
        // A promise of something in particular is kept with something.
        const promised = !/^TS(Any|Unknown)Keyword$/.test(method.returns.type);
        if (promised && Object.keys(data).length === 0 && !OFTEN_EMPTY.includes(name))
          wrong.push(`${name}: empty`);
        return data;
      },
    });

    expect(wrong).toEqual([]);
    expect(apiMethods.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([]);
    expect(apiMethods).toHaveLength(229);
  });
});

/** Nothing makes these in an emulator. */
const OFTEN_EMPTY = [
  'website.listPeopleCampaigns',
  'website.listCampaignStatistics',
  'website.listHelpdeskLocaleFeedbacks',
];
