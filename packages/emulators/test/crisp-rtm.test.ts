import { describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { type Keys, useCrisp } from './crisp-world.js';
import { type Parsed, until } from './receiver.js';

const world = useCrisp();
const SECOND_MS = 1000;

/** A plain client of Socket.IO, with everything that reached it. */
function connect(url = world.emulator.credentials.rtmUrl) {
  const { origin, pathname } = new URL(url.replace(/^ws/, 'http'));
  const socket: Socket = io(origin, {
    path: pathname,
    transports: ['websocket'],
    reconnectionDelay: 1,
    reconnectionDelayMax: 1,
    forceNew: true,
  });
  const heard: [string, Parsed][] = [];
  socket.onAny((event: string, data: Parsed) => heard.push([event, data]));
  world.later(() => socket.close());
  return {
    socket,
    heard,
    names: () => heard.map(([event]) => event),
    /** What messages said. */
    contents: () => heard.flatMap(([event, { content }]) => (event === 'message:send' ? [content] : [])),
    authenticate(more: object = {}, keys: Keys = world.keysOf('plugin')) {
      const { identifier, key, tier } = keys;
      socket.emit('authentication', { username: identifier, password: key, tier, ...more });
    },
    until: (event: string, times = 1) =>
      until(() => heard.filter(([name]) => name === event).length >= times),
  };
}

/** A client that is authenticated. */
async function listening(events: readonly string[] = ['message:send'], more: object = {}, keys?: Keys) {
  const client = connect();
  client.authenticate({ events, ...more }, keys);
  await client.until('authenticated');
  return client;
}

const say = (content: string, more: object = {}) => world.emulator.emit('message:send', { content, ...more });

describe('discovery', () => {
  test('names an address for each tier, and another once it has moved', async () => {
    const { origin, websiteId } = world.emulator.credentials;
    const socketOf = async (path: string, tier: 'user' | 'website' | 'plugin') =>
      (await world.get(path, world.keysOf(tier))).json.data.socket.app;
    const rtm = origin.replace('http', 'ws');
    expect(await socketOf('/user/connect/endpoints', 'user')).toBe(`${rtm}/u/1/`);
    expect(await socketOf('/plugin/connect/endpoints', 'plugin')).toBe(`${rtm}/p/1/`);
    expect(await socketOf(`/website/${websiteId}/connect/endpoints`, 'website')).toBe(`${rtm}/w/1/`);
    world.emulator.rtm.moveEndpoint();
    expect(await socketOf('/plugin/connect/endpoints', 'plugin')).toBe(`${rtm}/p/2/`);

    const stale = connect(`${origin}/p/1/`);
    const failed = new Promise((resolve) => stale.socket.io.once('error', resolve));
    expect(await failed).toMatchObject({ message: 'websocket error' });
    const fresh = connect(`${origin}/p/2/`);
    await until(() => fresh.socket.connected);
  });
});

describe('authentication', () => {
  test('says true, then delivers only what was asked for', async () => {
    const client = await listening(['message:send', 'session:set_state', 'no:such:event']);
    expect(client.heard[0]).toEqual(['authenticated', true]);
    world.emulator.emit('message:received', { content: 'not asked for' });
    say('Hello');
    await client.until('message:send');
    expect(client.names()).toEqual(['authenticated', 'message:send']);
  });

  test('twice on one socket is once: what it hears does not double', async () => {
    const client = await listening();
    client.authenticate({ events: ['message:send'] });
    await client.until('authenticated', 2);
    say('one');
    say('two');
    await client.until('message:send', 2);
    expect(client.contents()).toEqual(['one', 'two']);
  });

  test.each([
    ['a wrong key', { password: 'x' }],
    ['another tier', { tier: 'user' }],
    ['no name', { username: undefined }],
  ])('with %s is unauthorized, and the namespace is closed for good', async (_what, wrong) => {
    // Else the patience with those who say nothing would end it too.
    world.emulator.switches.rtmAuthenticationMs = 3600 * SECOND_MS;
    const client = connect();
    const ended = new Promise((resolve) => client.socket.on('disconnect', resolve));
    client.authenticate({ events: ['message:send'], ...wrong });
    expect(await ended).toBe('io server disconnect');
    expect(client.heard).toEqual([['unauthorized', { message: 'invalid_session' }]]);
    expect(client.socket.active).toBe(false);
  });

  test('is refused or left unanswered on demand', async () => {
    const { rtm } = world.emulator;
    rtm.refuseAuthentication();
    const refused = connect();
    refused.authenticate();
    await refused.until('unauthorized');
    rtm.ignoreAuthentication();
    const ignored = connect();
    ignored.authenticate();
    ignored.authenticate();
    await ignored.until('authenticated');
    expect([rtm.authentications, rtm.accepted]).toEqual([2, 2]);
  });

  test('that never comes ends the connection after ten seconds', async () => {
    const client = connect();
    await until(() => world.emulator.rtm.connections.length === 1);
    const ended = new Promise((resolve) => client.socket.on('disconnect', resolve));
    world.emulator.clock.advance(10 * SECOND_MS);
    expect(await ended).toBe('io server disconnect');

    const prompt = await listening();
    world.emulator.clock.advance(60 * SECOND_MS);
    say('still here');
    await prompt.until('message:send');
  });

  test('beyond the connections of a keypair is refused', async () => {
    world.emulator.switches.rtmConnections = 1;
    await listening();
    const second = connect();
    second.authenticate();
    await second.until('unauthorized');
    expect(second.heard).toEqual([['unauthorized', { message: 'too_many_connections' }]]);
    await listening(['message:send'], {}, world.keysOf('user'));
  });
});

describe('what a connection hears', () => {
  test('changes with bind, push and pop', async () => {
    const client = await listening(['message:send', 'plugin:event']);
    const heardAfter = async (event: string, events: string[]) => {
      const bound = () => world.emulator.rtm.connections[0]?.events.join();
      const before = bound();
      client.socket.emit(event, { events });
      await until(() => bound() !== before);
      client.heard.length = 0;
      for (const name of ['message:send', 'message:received', 'session:set_state', 'plugin:event'])
        world.emulator.emit(name);
      await client.until('plugin:event');
      return client.names();
    };
    expect(await heardAfter('socket:bind:push', ['session:set_state'])).toEqual([
      'message:send',
      'session:set_state',
      'plugin:event',
    ]);
    expect(await heardAfter('socket:bind:pop', ['message:send'])).toEqual([
      'session:set_state',
      'plugin:event',
    ]);
    expect(await heardAfter('socket:bind', ['message:received', 'plugin:event'])).toEqual([
      'message:received',
      'plugin:event',
    ]);
  });

  test('comes from the websites it reaches: of new ones after a bind', async () => {
    const client = await listening();
    const { socket } = client;
    const fresh = world.emulator.addWebsite();
    const foreign = world.emulator.addWebsite({ installed: false });
    for (const website_id of [fresh, foreign]) say('too early', { website_id });
    say('mine');
    await client.until('message:send');
    socket.emit('socket:bind', {});
    await until(() => world.emulator.rtm.connections[0]?.websites.includes(fresh) === true);
    say('not installed', { website_id: foreign });
    say('new', { website_id: fresh });
    await client.until('message:send', 2);
    expect(client.contents()).toEqual(['mine', 'new']);
  });

  test('is not what another plugin is told of its own settings', async () => {
    const { emulator, call } = world;
    const other = emulator.addPlugin();
    const events = ['plugin:settings:saved', 'message:send'];
    const mine = await listening(events);
    const theirs = await listening(events, {}, { ...other, tier: 'plugin' });
    const { pluginId, websiteId } = emulator.credentials;
    await call('PUT', `/plugins/subscription/${websiteId}/${pluginId}/settings`, { theme: 'dark' });
    say('to both');
    await theirs.until('message:send');
    await mine.until('message:send');
    expect(mine.names()).toEqual(['authenticated', ...events]);
    expect(theirs.names()).toEqual(['authenticated', 'message:send']);
  });

  test('is narrowed to the rooms and inboxes that it names', async () => {
    const other = world.emulator.addWebsite();
    const inRoom = await listening(['message:send'], { rooms: [other] });
    const inInbox = await listening(['message:send'], { inboxes: ['sales'] });
    say('mine', { inbox_id: 'sales' });
    say('support', { inbox_id: 'support' });
    say('other', { website_id: other, inbox_id: 'support' });
    say('main', { inbox_id: null });
    await inInbox.until('message:send', 2);
    await inRoom.until('message:send');
    expect([inRoom.contents(), inInbox.contents()]).toEqual([['other'], ['mine', 'main']]);
  });
});

describe('faults', () => {
  test('cut a connection, which comes back to the same address and authenticates anew', async () => {
    const client = connect();
    client.socket.on('connect', () => client.authenticate({ events: ['message:send'] }));
    await client.until('authenticated');
    for (let cut = 1; cut <= 5; cut += 1) {
      world.emulator.rtm.drop();
      await client.until('authenticated', cut + 1);
    }
    say('Hello');
    await client.until('message:send');
    expect(client.contents()).toEqual(['Hello']);
    expect(world.emulator.rtm.accepted).toBe(6);
  });

  test('close the namespace, after which the client stays away', async () => {
    const client = await listening();
    const ended = new Promise((resolve) => client.socket.on('disconnect', resolve));
    world.emulator.rtm.disconnectNamespace(world.emulator.credentials.identifier);
    expect([await ended, client.socket.active]).toEqual(['io server disconnect', false]);
    expect(world.emulator.rtm.connections).toEqual([]);
  });

  test('refuse connections before they are one', async () => {
    world.emulator.rtm.refuseConnections(2);
    const client = connect();
    let errors = 0;
    client.socket.on('connect_error', () => {
      errors += 1;
    });
    await until(() => client.socket.connected);
    expect([errors, world.emulator.rtm.accepted]).toEqual([2, 1]);
  });

  test('leave a connection open that nothing comes out of, until its pings are missed', async () => {
    Object.assign(world.emulator.switches, { rtmPingMs: 20, rtmPongMs: 20 });
    const client = await listening();
    const ended = new Promise((resolve) => client.socket.on('disconnect', resolve));
    world.emulator.rtm.silence();
    say('unheard');
    // Whichever side gives up first.
    expect(['ping timeout', 'transport close']).toContain(await ended);
    expect(client.contents()).toEqual([]);
  });

  test('double, lose and shuffle events, the same for the same seed', async () => {
    const run = async (seed: number) => {
      const client = await listening();
      world.emulator.rtm.chaos = { duplicate: 0.3, drop: 0.2, reorder: 4, seed };
      for (let index = 0; index < 24; index += 1) say(`${index}`);
      world.emulator.clock.advance(SECOND_MS);
      world.emulator.rtm.chaos = {};
      say('end');
      await until(() => client.contents().includes('end'));
      client.socket.close();
      return client.contents();
    };
    const [first, second, other] = [await run(1), await run(1), await run(2)];
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
    expect(new Set(first).size).toBeLessThan(25);
    expect(first.length).toBeGreaterThan(new Set(first).size);
    expect(first).not.toEqual([...first].sort((one, two) => Number(one) - Number(two)));
  });
});
