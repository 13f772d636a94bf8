import { describe, expect, test } from '@jest/globals';
import { type ChatIncEmulatorOptions, type ChatIncSnapshot, startChatInc } from '@parley/emulators';
import { chatIncHandlers, interceptProvider } from '@parley/emulators/msw';
import { getResponse } from 'msw';
import { request as undiciRequest } from 'undici';
import { KEY, useChatInc } from './chatinc-world.js';

const world = useChatInc();
const [AMARA, PIET] = ['447700900101', '447700900102'];
const HOUR_MS = 3_600_000;
const BUTTONS = [{ text: 'Yes please', type: 'input', input: 'deliver' }];

/** An emulator that goes on from a snapshot, as text: so it would be read from a file. */
async function goOn(snapshot: ChatIncSnapshot, options: ChatIncEmulatorOptions = {}) {
  const next = await startChatInc({ snapshot: JSON.parse(JSON.stringify(snapshot)), ...options });
  world.later(() => next.close());
  return next;
}

/** What two emulators have in common: not their address, nor the moment. */
function comparable({ credentials, clockOffsetMs: _offset, ...rest }: ChatIncSnapshot): unknown {
  return { ...rest, apiKey: credentials.apiKey };
}

describe('a snapshot', () => {
  test('goes on as if nothing had happened', async () => {
    const { emulator } = world;
    emulator.notOnWhatsApp = [PIET];
    const other = emulator.addAccount({ balance: 3 });
    await world.audience('a', AMARA, PIET);
    const values = [{ number: AMARA, name: 'Amara' }];
    await world.post('/create/variable/group', { id: 'u', fields: ['name'], values });
    const id = await world.campaign({ message: 'Hi {u.name}', buttons: BUTTONS });
    await world.run(id, 'a');
    await world.post('/create/journey', { journeyId: 'j', entry: 'x', steps: [] });
    await world.upload('/utils/upload/image', {}, new Blob(['x'], { type: 'image/png' }), 'image');
    emulator.press(AMARA, { button: 'deliver' });
    emulator.switches.listEnvelope = 'bare';
    emulator.faults.next({ kind: 'status', status: 503, route: 'GET /v1/retrieve/audiences' });
    emulator.clock.advance(HOUR_MS);

    const next = await goOn(emulator.snapshot());
    expect(comparable(next.snapshot())).toEqual(comparable(emulator.snapshot()));
    expect(next.origin).not.toBe(emulator.origin);
    expect(Math.abs(next.clock.now() - emulator.clock.now())).toBeLessThan(60_000);
    expect(next.campaign(id)).toEqual(emulator.campaign(id));
    expect(next.received(AMARA)).toEqual(emulator.received(AMARA));
    expect([next.balance(), next.balance(other), next.notOnWhatsApp]).toEqual([999_998, 3, [PIET]]);
    const at = (path: string) => fetch(`${next.origin}/v1${path}`, { headers: { authorization: KEY } });
    expect((await at('/retrieve/audiences')).status).toBe(503);
    expect(await (await at('/retrieve/campaigns')).json()).toMatchObject([{ campaignId: id, totalRead: 1 }]);
  });

  test('keeps approvals and runs that were to come', async () => {
    const { emulator } = world;
    await world.audience('a', AMARA);
    emulator.switches.approvalDelayMs = HOUR_MS;
    const held = await world.campaign({ title: 'held', runImmediately: true, audiences: ['a'] });
    emulator.switches.approvalDelayMs = 0;
    const campaignId = await world.campaign({ title: 'scheduled' });
    const timeToRun = emulator.clock.now() + 2 * HOUR_MS;
    await world.post('/run/campaign', { campaignId, audiences: ['a'], timeToRun });

    const next = await goOn(emulator.snapshot());
    const states = () => [held, campaignId].map((id) => next.campaign(id)?.runs[0]?.state);
    expect(states()).toEqual(['held', 'scheduled']);
    next.clock.advance(HOUR_MS);
    expect(states()).toEqual(['started', 'scheduled']);
    next.clock.advance(HOUR_MS);
    expect([states(), next.balance()]).toEqual([['started', 'started'], 999_998]);
    // The first one went its own way.
    expect(emulator.balance()).toBe(1_000_000);
  });

  test('is saved before anybody is told', async () => {
    const saved: ChatIncSnapshot[] = [];
    const emulator = await startChatInc({ apiKey: KEY, save: (snapshot) => saved.push(snapshot) });
    world.later(() => emulator.close());
    emulator.faults.next({ kind: 'drop-after' });
    const body = JSON.stringify({ id: 'a', contacts: [{ number: AMARA }] });
    const headers = { authorization: KEY, 'content-type': 'application/json' };
    await expect(
      fetch(`${emulator.origin}/v1/create/audience`, { method: 'POST', headers, body }),
    ).rejects.toThrow();
    const latest = saved.at(-1);
    if (latest === undefined) throw new Error('nothing was saved');
    expect((await goOn(latest)).audience('a')).toEqual([AMARA]);
  });

  test('of another kind is refused', async () => {
    const snapshot = { ...world.emulator.snapshot(), format: 99 };
    await expect(startChatInc({ snapshot })).rejects.toThrow(
      'expected chatinc, format 1, got chatinc, format 99',
    );
  });
});

describe('over HTTP, /_emulator', () => {
  const control = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${world.emulator.origin}/_emulator${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
  };
  const told = async (path: string) => (await control('GET', path)).json;

  test('plays people, decides templates and counts money', async () => {
    await control('PATCH', '/switches', { approval: 'manual', readRate: 0 });
    await control('PUT', '/not-on-whatsapp', { numbers: [PIET] });
    await world.audience('a', AMARA, PIET);
    const id = await world.campaign({ buttons: BUTTONS });
    expect((await control('POST', `/campaigns/${id}/status`, { status: 'APPROVED' })).json.status).toBe(
      'APPROVED',
    );
    await world.run(id, 'a');
    await control('POST', '/clock', { advanceMs: HOUR_MS });
    expect(await told(`/phones/${AMARA}/received`)).toMatchObject([
      { campaignId: id, text: 'Hello', status: 'delivered' },
    ]);
    expect(await told(`/phones/${PIET}/messages`)).toMatchObject([{ status: 'notOnWhatsApp' }]);
    expect((await control('POST', `/phones/${AMARA}/press`, { button: 'Yes please' })).status).toBe(200);
    expect(await told(`/phones/%2B${AMARA}/received`)).toMatchObject([{ status: 'read' }]);
    expect(await told('/balance')).toEqual({ balance: 999_998 });
    expect((await control('POST', '/balance', { amount: 2 })).json).toEqual({ balance: 1_000_000 });
    expect(await told(`/campaigns/${id}`)).toEqual(JSON.parse(JSON.stringify(world.emulator.campaign(id))));
    expect(await told('/campaigns')).toHaveLength(1);
    expect(await told('/audiences/a')).toEqual([AMARA, PIET]);
    await world.post('/create/variable/group', {
      id: 'u',
      fields: ['x'],
      values: [{ number: AMARA, x: '1' }],
    });
    expect(await told('/variable-groups/u')).toEqual({ [AMARA]: { x: '1' } });
    expect((await control('POST', '/off-platform-templates', { name: 'n', message: 'm' })).status).toBe(201);
  });

  test('opens further accounts', async () => {
    const { status, json } = await control('POST', '/accounts', { balance: 7 });
    expect([status, await told(`/balance?apiKey=${json.apiKey}`)]).toEqual([201, { balance: 7 }]);
    expect(await told(`/campaigns?apiKey=${json.apiKey}`)).toEqual([]);
    expect(await told('/')).toEqual(world.emulator.credentials);
  });

  test('has faults and a journal, and is in neither', async () => {
    await control('POST', '/faults', { kind: 'error-page', times: 2 });
    expect(await told('/faults')).toEqual([{ kind: 'error-page', times: 2 }]);
    expect((await world.get('/retrieve/campaigns')).status).toBe(502);
    expect(await told('/journal?path=/v1/retrieve/campaigns')).toMatchObject([
      { status: 502, fault: 'error-page' },
    ]);
    expect((await control('DELETE', '/faults')).status).toBe(204);
  });

  test.each([
    ['POST', '/phones/x/press', { button: 'a' }, 400],
    ['GET', '/phones/x/received', undefined, 400],
    ['GET', '/balance?apiKey=nobody', undefined, 400],
    ['POST', '/balance', { amount: 'all' }, 400],
    ['POST', '/campaigns/c_x/status', { status: 'APPROVED' }, 400],
    ['POST', '/campaigns/c_x/status', {}, 400],
    ['PUT', '/not-on-whatsapp', {}, 400],
    ['PATCH', '/switches', { x: 1 }, 400],
    ['POST', '/faults', { kind: 'x' }, 400],
    ['POST', '/accounts', undefined, 400],
    ['GET', '/campaigns/c_x', undefined, 404],
    ['GET', '/audiences/x', undefined, 404],
    ['GET', '/variable-groups/x', undefined, 404],
  ])('%s %s %j is answered %d', async (method, path, body, status) => {
    const answer = await control(method, path, body);
    expect([answer.status, answer.json]).toEqual([status, { error: { message: expect.any(String) } }]);
  });
});

describe('msw', () => {
  test("lets it answer at every address that the provider's documentation has had", async () => {
    const interception = interceptProvider(world.emulator, { otherHosts: 'refuse' });
    world.later(() => interception.disable());
    interception.enable();
    const headers = { authorization: KEY };
    for (const origin of [
      'https://api.broadcast.chatinc.com',
      'https://api.chatinc.com',
      'http://api.chatinc.com',
      'https://api.chatsooner.com',
    ]) {
      const { statusCode, body } = await undiciRequest(`${origin}/v1/retrieve/campaigns`, { headers });
      expect([statusCode, await body.json()]).toEqual([200, []]);
    }
    const form = new FormData();
    form.set('id', 'a');
    form.set('name', 'A');
    form.set('file', new Blob([`number\n${AMARA}\n`]), 'a.csv');
    const url = 'https://api.broadcast.chatinc.com/v1/create/audience/from/file';
    expect((await fetch(url, { method: 'POST', headers, body: form })).status).toBe(200);
    expect(world.emulator.audience('a')).toEqual([AMARA]);
    world.emulator.faults.next({ kind: 'drop-before' });
    await expect(fetch('https://api.chatinc.com/retrieve/journeys', { headers })).rejects.toThrow();
    await expect(undiciRequest('https://docs.broadcast.chatinc.com/')).rejects.toThrow('was not let out');
  });

  test('the handlers serve any set-up, for the origins they are given', async () => {
    const handlers = chatIncHandlers(world.emulator, { origins: ['https://chatinc.example'] });
    const at = (origin: string) => getResponse(handlers, new Request(`${origin}/v1/retrieve/campaigns`));
    expect((await at('https://chatinc.example'))?.status).toBe(401);
    expect(await at('https://api.chatinc.com')).toBeUndefined();
    const request = new Request('https://api.chatinc.com/v1/x');
    expect((await getResponse(chatIncHandlers(world.emulator), request))?.status).toBe(404);
  });
});

test('a closed emulator answers nobody', async () => {
  const emulator = await startChatInc();
  await emulator.close();
  await expect(fetch(emulator.origin)).rejects.toThrow('fetch failed');
  await expect(emulator.handle(new Request(`${emulator.origin}/v1/x`))).rejects.toThrow(
    'the emulator is closed',
  );
});
