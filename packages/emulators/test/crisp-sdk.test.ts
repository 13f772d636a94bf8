import { describe, expect, test } from '@jest/globals';
import { CRISP_EVENTS } from '@parley/emulators';
import { Crisp } from 'crisp-api';
import Crisp5 from 'crisp-api-5';
import { Crisp as Crisp10 } from 'crisp-api-10';
import { callEverything } from './crisp-api-calls.js';
import { apiMethods, departures } from './crisp-api-types.js';
import { useCrisp } from './crisp-world.js';
import { type Parsed, until } from './receiver.js';

const world = useCrisp();
type Tier = 'user' | 'website' | 'plugin';

/** The provider's own client, unchanged. */
function sdk(tier: Tier = 'plugin', Client: new () => Parsed = Crisp): Parsed {
  const client = new Client();
  client.setRestHost(world.emulator.origin);
  const { identifier, key } = world.keysOf(tier);
  client.authenticateTier(tier, identifier, key);
  // It has no way to close its socket.
  world.later(() => client._socket?.close());
  return client;
}

/** Everything that reaches a client's handlers, by event name. */
function listen(client: Parsed, events: readonly string[]): Map<string, Parsed[]> {
  const heard = new Map<string, Parsed[]>();
  for (const event of events) {
    client.on(event, (data: Parsed) => heard.set(event, [...(heard.get(event) ?? []), data]));
  }
  return heard;
}

const OF_PLUGINS = /^plugin\.(.*Connect|reportPluginUsage)/;

describe('crisp-api 11.3', () => {
  test('gets an answer of the declared type from each of its REST methods', async () => {
    const { emulator } = world;
    const clients = { user: sdk('user'), plugin: sdk('plugin') };
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
        if (promised && isEmpty(data) && !OFTEN_EMPTY.includes(name)) wrong.push(`${name}: empty`);
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

const isEmpty = (data: unknown) => typeof data === 'object' && Object.keys(data ?? {}).length === 0;

describe('the socket of crisp-api', () => {
  test.each([
    ['11.3', Crisp, 4],
    ['10.11', Crisp10, 4],
    ['5.1, which speaks the older protocol', Crisp5, 3],
  ])('%s hears a visitor, and itself', async (_version, Client, protocol) => {
    const { emulator } = world;
    const client = sdk('plugin', Client);
    // It goes to a fixed host when it is not told of another.
    if (protocol === 3) client.setRtmHost(emulator.origin);
    const heard = listen(client, ['message:send', 'message:received']);
    await emulator.rtm.connected();
    expect(emulator.rtm.connections).toMatchObject([{ protocol, tier: 'plugin' }]);

    const visitor = emulator.visitor({ nickname: 'Ada' });
    const asked = visitor.say('Where is my order?');
    const message = { type: 'text', from: 'operator', origin: 'chat', content: 'On its way' };
    const sent = await client.website.sendMessageInConversation(
      emulator.credentials.websiteId,
      visitor.sessionId,
      message,
    );
    expect(await visitor.next()).toMatchObject(message);
    await until(() => heard.size === 2);
    expect(heard.get('message:send')).toMatchObject([{ content: 'Where is my order?', fingerprint: asked }]);
    expect(heard.get('message:received')).toMatchObject([{ ...message, ...sent }]);
  });

  test('hears every event that a tier may have, each with the data that was emitted', async () => {
    const { emulator } = world;
    // The run-time list of the client lacks one of its own events.
    const known = [...CRISP_EVENTS.keys()].filter((event) => event !== 'widget:action:processed');
    const [user, plugin] = [listen(sdk('user'), known), listen(sdk('plugin'), known)];
    await emulator.rtm.connected(2);
    for (const event of CRISP_EVENTS.keys()) emulator.emit(event, { session_id: `about ${event}` });
    emulator.emit('message:send', { content: 'the last' });
    const last = (heard: Map<string, Parsed[]>) => heard.get('message:send')?.length === 2;
    await until(() => last(user) && last(plugin));

    const only = (reach: string) => known.filter((event) => CRISP_EVENTS.get(event) === reach);
    expect([...user.keys()]).toEqual([...only('all'), ...only('user')]);
    expect([...plugin.keys()]).toEqual([...only('all'), ...only('plugin')]);
    expect(CRISP_EVENTS.size).toBe(82);
    for (const [event, [data]] of plugin) expect(data.session_id).toBe(`about ${event}`);
    expect(plugin.get('session:set_state')?.[0].website_id).toBe(emulator.credentials.websiteId);
    expect(plugin.get('bucket:url:upload:generated')?.[0].website_id).toBeUndefined();
  });

  test('comes back by itself after a cut, authenticates anew, and misses what was said meanwhile', async () => {
    const { emulator } = world;
    const client = sdk();
    const heard = listen(client, ['message:send']);
    await emulator.rtm.connected();
    // 5 to 10 seconds otherwise.
    client._socket.io.reconnectionDelay(1);
    client._socket.io.reconnectionDelayMax(1);
    const visitor = emulator.visitor();
    emulator.rtm.drop();
    await until(() => emulator.rtm.connections.length === 0);
    visitor.say('lost');
    await emulator.rtm.connected();
    visitor.say('heard');
    await until(() => heard.size > 0);
    expect(heard.get('message:send')?.map(({ content }) => content)).toEqual(['heard']);
  });

  test('finds no endpoint in the website tier without help, as the documentation has no such route', async () => {
    const { emulator } = world;
    emulator.switches.websiteDiscovery = false;
    const lost = sdk('website');
    await expect(lost.on('message:send', () => undefined)).rejects.toThrow('could not acquire target host');

    const helped = sdk('website');
    const { socket } = await helped.website.getConnectEndpoints(emulator.credentials.websiteId);
    helped.setRtmHost(socket.app);
    const heard = listen(helped, ['message:send']);
    await emulator.rtm.connected();
    emulator.visitor().say('Hello');
    await until(() => heard.size > 0);
    expect(emulator.rtm.connections).toMatchObject([{ tier: 'website' }]);
  });

  test('gets an upload address by an event, for the request it made', async () => {
    const { emulator } = world;
    const [client, other] = [sdk(), sdk('user')];
    const [heard, notMine] = [client, other].map((each) => listen(each, ['bucket:url:upload:generated']));
    await emulator.rtm.connected(2);
    const file = { name: 'a b.png', type: 'image/png' };
    await client.bucket.generateBucketURL({ namespace: 'upload', id: 'mine', file });
    await until(() => heard?.size === 1);
    const [{ id, identifier, url }] = heard?.get('bucket:url:upload:generated') ?? [];
    expect([id, identifier]).toEqual(['mine', emulator.credentials.identifier]);
    const put = await fetch(url.signed, { method: 'PUT', body: 'bytes' });
    const got = await fetch(url.resource);
    expect([put.status, got.status, await got.text()]).toEqual([200, 200, 'bytes']);
    expect(notMine?.size).toBe(0);
  });
});

describe('the hooks', () => {
  test.each([
    ['11.3', Crisp],
    ['10.11', Crisp10],
  ])('verify with crisp-api %s, and reach its handlers', async (_version, Client) => {
    const { emulator } = world;
    const { hookSecret } = emulator.credentials;
    const client = sdk('plugin', Client);
    client.setRtmMode('webhooks');
    const heard = listen(client, ['message:send']);
    // The helper says no until the client has bound its handlers.
    await until(() => client._loopback !== undefined && client._loopback !== null);
    const receiver = await world.receiver();
    emulator.subscribe({ url: receiver.url, events: ['message:send'] });
    emulator.visitor().say('Hëllo ✓');
    await receiver.count(1);
    const [{ json, headers }] = receiver.received as [Parsed];
    const timestamp = headers['x-crisp-request-timestamp'];
    const signature = headers['x-crisp-signature'];
    expect(client.verifyHook(hookSecret, json, timestamp, signature)).toBe(true);
    expect(client.verifyHook('another secret', json, timestamp, signature)).toBe(false);
    expect(client.verifyHook(hookSecret, { ...json, event: 'message:received' }, timestamp, signature)).toBe(
      false,
    );
    expect(client.receiveHook(json)).toBeNull();
    await until(() => heard.size > 0);
    expect(heard.get('message:send')).toMatchObject([{ content: 'Hëllo ✓' }]);
  });
});
