import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { AccountContext, Event, WebhookRequest } from '@parley/core';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { anAccount, captureWebhooks, emulatorClock, eventually } from '@parley/testing';
import fc from 'fast-check';
import { type CrispOptions, crisp } from '../src/index.js';
import { createOccurrences } from '../src/occurrence.js';
import { startStage } from './account.js';

const WEBSITE = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';
const SESSION = 'session_0d9e8f7a-1b2c-4d3e-8f90-a1b2c3d4e5f6';
const SECRET = '0123456789abcdef';
const NOW = 1_700_000_120_377;

const BASE: CrispOptions = { tier: 'plugin', identifier: 'me', key: 'k', website: WEBSITE, secret: SECRET };

function receiver(changes: Partial<CrispOptions> = {}, now = NOW) {
  const given = Object.fromEntries(
    Object.entries({ ...BASE, ...changes }).filter(([, value]) => value !== undefined),
  ) as unknown as CrispOptions;
  const clock: AccountContext['clock'] = { ...anAccount().clock, now: () => now };
  const { webhook } = crisp(given).open(anAccount({ clock }));
  return async (request: WebhookRequest): Promise<Event[]> => {
    const result = await webhook.receive(request);
    if (result.kind !== 'events') throw new Error(`answered ${result.status}`);
    return result.events;
  };
}

function hook(event: string, data: object, timestamp = NOW - 276): string {
  return JSON.stringify({
    website_id: WEBSITE,
    event,
    data: { website_id: WEBSITE, session_id: SESSION, inbox_id: null, ...data },
    timestamp,
  });
}

function signed(body: string | Uint8Array, { secret = SECRET, at = String(NOW) } = {}): WebhookRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const signature = createHmac('sha256', secret).update(`[${at};`).update(bytes).update(']').digest('hex');
  return {
    method: 'POST',
    url: '/webhooks/leads',
    headers: {
      'x-crisp-signature': signature,
      'x-crisp-request-timestamp': at,
      'x-delivery-attempt-count': '1',
    },
    body: bytes,
  };
}

function unsigned(body: string, url: string): WebhookRequest {
  return { method: 'POST', url, headers: {}, body: Buffer.from(body) };
}

const TEXT = {
  type: 'text',
  from: 'user',
  origin: 'chat',
  content: 'Where is my order?',
  fingerprint: 170_000_012_000_042,
  timestamp: 1_700_000_120_004,
  user: { user_id: SESSION, nickname: 'visitor481516' },
};

const refused = { code: 'ERR_SIGNATURE' };

describe('a plugin hook', () => {
  test('is signed over its time and its raw bytes, as in vectors computed apart from this code', async () => {
    const first = `{"website_id":"${WEBSITE}","event":"message:send","data":{"session_id":"${SESSION}","content":"héllo"},"timestamp":1700000000000}`;
    const escaped = '{"event":"message:send","data":{"content":"h\\u00e9llo","score":1.0}}';
    const vectors = [
      [first, 'a49c02897583c2eb21c2b5c1566b54c61ae66599e2a2366daaeed32658eeaeba'],
      [escaped, '706e82160934a07cd07361665e57dcd5f95f724a86660437ef1683b321f5863f'],
    ];
    const receive = receiver({}, 1_700_000_000_001);
    for (const [body = '', signature = ''] of vectors) {
      const request = signed(body, { at: '1700000000001' });
      expect(request.headers['x-crisp-signature']).toBe(signature);
      // Both are accepted, and then found to have no fingerprint.
      await expect(receive(request)).rejects.toMatchObject({ code: 'ERR_UNEXPECTED_PAYLOAD' });
      const other = {
        ...request,
        headers: { ...request.headers, 'x-crisp-signature': signature.toUpperCase() },
      };
      await expect(receive({ ...other, body: Buffer.from(`${body} `) })).rejects.toMatchObject(refused);
    }
  });

  test('is refused when it is older, or dated further ahead, than the window', async () => {
    const body = hook('message:send', TEXT);
    for (const [at, ok] of [
      [NOW - 299_000, true],
      [NOW + 299_000, true],
      [NOW - 301_000, false],
      [NOW + 301_000, false],
      [0, false],
    ] as const) {
      const receiving = receiver()(signed(body, { at: String(at) }));
      if (ok) expect(await receiving).toHaveLength(1);
      else await expect(receiving).rejects.toMatchObject(refused);
    }
    for (const at of ['', 'soon', '1e12', `${NOW}.5`]) {
      await expect(receiver()(signed(body, { at }))).rejects.toMatchObject(refused);
    }
    const patient = receiver({ hookWindowMs: 3_600_000 });
    expect(await patient(signed(body, { at: String(NOW - 3_000_000) }))).toHaveLength(1);
  });

  test('is accepted with either of two secrets, and refused where none is configured', async () => {
    const body = hook('message:send', TEXT);
    const receive = receiver({ secret: ['new', SECRET] });
    expect(await receive(signed(body))).toHaveLength(1);
    expect(await receive(signed(body, { secret: 'new' }))).toHaveLength(1);
    await expect(receive(signed(body, { secret: 'old' }))).rejects.toMatchObject(refused);
    await expect(receiver({ secret: undefined })(signed(body))).rejects.toThrow(/option "secret"/);
  });

  test('whose bytes or time were changed anywhere is refused', async () => {
    const receive = receiver();
    const good = signed(hook('message:send', TEXT));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: good.body.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, bits) => {
          const body = Buffer.from(good.body);
          body.writeUInt8(body.readUInt8(at) ^ bits, at);
          await expect(receive({ ...good, body })).rejects.toMatchObject(refused);
        },
      ),
      { numRuns: 50 },
    );
    const headers = { ...good.headers, 'x-crisp-request-timestamp': String(NOW + 1) };
    await expect(receive({ ...good, headers })).rejects.toMatchObject(refused);
  });

  test('of another website is accepted and left out; an account of all websites takes it', async () => {
    const other = '11111111-2222-4333-8444-555555555555';
    const body = hook('message:send', { ...TEXT, website_id: other });
    expect(await receiver()(signed(body))).toEqual([]);
    expect(await receiver({ website: undefined })(signed(body))).toMatchObject([
      { name: 'message.received', conversationId: `leads:${other}/${SESSION}` },
    ]);
  });

  test('whose payload names no website is about the one that the hook names', async () => {
    const body = hook('message:send', { ...TEXT, website_id: undefined });
    const [event] = await receiver({ website: undefined, keepRaw: true })(signed(body));
    expect(event).toMatchObject({
      conversationId: `leads:${WEBSITE}/${SESSION}`,
      raw: expect.not.objectContaining({ website_id: WEBSITE }),
    });
    // A payload is plain JSON, also where nobody names a website.
    const nowhere = JSON.stringify({ event: 'shop:opened', data: { website_id: null } });
    expect(await receiver({ website: undefined })(signed(nowhere))).toMatchObject([
      { payload: { website_id: null } },
    ]);
    const elsewhere = body.replace(WEBSITE, '11111111-2222-4333-8444-555555555555');
    expect(await receiver()(signed(elsewhere))).toEqual([]);
  });

  test('is a POST, and nothing else', async () => {
    const { webhook } = crisp(BASE).open(anAccount());
    const request = { ...signed(hook('message:send', TEXT)), method: 'GET' };
    expect(await webhook.receive(request)).toMatchObject({ kind: 'answer', status: 405 });
  });
});

describe('a website hook, which nobody signs', () => {
  const body = hook('message:send', TEXT);
  const key = 'a-long-enough-key-for-this';

  test('is refused unless its address holds the configured key', async () => {
    await expect(receiver()(unsigned(body, '/webhooks/leads'))).rejects.toThrow(/Website hooks never are/);
    await expect(receiver()(unsigned(body, `/webhooks/leads?key=${key}`))).rejects.toMatchObject(refused);
    const receive = receiver({ secret: undefined, hookKey: [key, 'another-key-of-some-length'] });
    expect(await receive(unsigned(body, `/webhooks/leads?key=${key}`))).toHaveLength(1);
    expect(await receive(unsigned(body, '/webhooks/leads?x=1&key=another-key-of-some-length'))).toHaveLength(
      1,
    );
    for (const url of [
      '/webhooks/leads',
      '/webhooks/leads?key=',
      `/webhooks/leads?key=${key}x`,
      `/webhooks/leads?key=${key.slice(1)}`,
    ]) {
      await expect(receive(unsigned(body, url))).rejects.toMatchObject(refused);
    }
  });

  test('does not open the door for a call whose signature is wrong', async () => {
    const receive = receiver({ hookKey: key });
    const forged = { ...signed(body, { secret: 'guess' }), url: `/webhooks/leads?key=${key}` };
    await expect(receive(forged)).rejects.toMatchObject(refused);
    expect(await receive(signed(body))).toHaveLength(1);
  });
});

describe('ids', () => {
  const idOf = async (receive: ReturnType<typeof receiver>, body: string): Promise<string | undefined> =>
    (await receive(signed(body)))[0]?.id;

  test('stay the same on a retry, also in a process that was started anew', async () => {
    for (const body of [hook('session:set_state', { state: 'resolved' }), hook('message:send', TEXT)]) {
      const receive = receiver();
      const id = await idOf(receive, body);
      expect(await idOf(receive, body)).toBe(id);
      expect(await idOf(receiver(), body)).toBe(id);
    }
  });

  test('differ for a state that is set again, however soon', async () => {
    const receive = receiver();
    const ids = [];
    for (const at of [NOW - 100, NOW - 90, NOW - 80]) {
      ids.push(await idOf(receive, hook('session:set_state', { state: 'resolved' }, at)));
    }
    expect(new Set(ids).size).toBe(3);
  });

  test('differ for a state that is set again, and are the same on a retry, to whichever process the hooks go', async () => {
    const states = ['resolved', 'unresolved', 'resolved'];
    const bodies = states.map((state, index) =>
      hook('session:set_state', { state }, NOW - 5_000 + 1_000 * index),
    );
    const [one, other] = [receiver(), receiver()];
    const firsts = [];
    for (const [body, receive] of [
      [bodies[0], one],
      [bodies[1], one],
      [bodies[2], other],
    ] as const) {
      firsts.push(await idOf(receive, body ?? ''));
    }
    expect(new Set(firsts).size).toBe(3);
    for (const receive of [one, other, receiver()]) {
      const again = [];
      for (const body of bodies.toReversed()) again.push(await idOf(receive, body));
      expect(again.toReversed()).toEqual(firsts);
    }
  });

  test('do not depend on the order of the fields', async () => {
    const one = hook('session:set_data', { data: { a: 1, b: 2 } });
    const other = hook('session:set_data', { data: { b: 2, a: 1 } });
    expect(await idOf(receiver(), one)).toBe(await idOf(receiver(), other));
  });
});

describe('what came is forgotten by our own clock', () => {
  const slotsOf = (steps: readonly [at: number, elapsed: number, key: string][]): string[] => {
    let elapsed = 0;
    const { of } = createOccurrences({ elapsed: () => elapsed });
    return steps.map(([at, now, key]) => {
      elapsed = now;
      return of('hook', at)(key);
    });
  };

  test('also after a hook from the far future', () => {
    const [, first, , , again] = slotsOf([
      [8e15, 0, 'far'],
      [NOW, 0, 'state'],
      [NOW, 61_000, 'other'],
      [NOW, 122_000, 'other'],
      [NOW + 1, 122_001, 'state'],
    ]);
    expect(again).toBe(first);
  });

  test('also where the same is said again and again', () => {
    const hourly = Array.from({ length: 60 }, (_, minute) => minute * 61_000);
    const slots = slotsOf(hourly.map((now, index) => [NOW + index, now, 'count']));
    // All are dated within one slot, which is free again once the one in it is forgotten.
    expect(new Set(slots).size).toBeLessThanOrEqual(4);
  });
});

test('a hook that is dated further ahead than the window counts as dated at its end', async () => {
  const body = (at: number | string) =>
    hook('session:set_state', { state: 'resolved' }).replace(/\d+}$/, `${at}}`);
  for (const [at, told] of [
    [NOW + 86_400_000, NOW + 300_000],
    ['1e400', NOW],
    [NOW - 86_400_000, NOW - 86_400_000],
    [-5, 0],
  ] as const) {
    expect((await receiver()(signed(body(at))))[0]?.at).toBe(new Date(told).toISOString());
  }
});

test.each([-200_000, 61_000, 200_000])(
  'hook and socket bring a change under one id, also with a clock that is %i ms off',
  async (off) => {
    const stage = await startStage();
    const { emulator } = stage;
    const capture = await captureWebhooks('/webhooks/leads');
    emulator.subscribe({ url: capture.url });
    const clock = { ...emulatorClock(emulator), now: () => emulator.clock.now() + off };
    const adapter = stage.open({}, { clock });
    const stop = new AbortController();
    const ids = { socket: [] as string[], hook: [] as string[] };
    const keep = (way: keyof typeof ids, events: readonly Event[]): void => {
      ids[way].push(...events.filter(({ native }) => native === 'session:set_state').map(({ id }) => id));
    };
    const listening = (async () => {
      for await (const events of adapter.feed?.events(stop.signal) ?? []) keep('socket', events);
    })();
    const forwarding = (async () => {
      for (;;) {
        const request = await capture.next().catch(() => undefined);
        if (request === undefined) return;
        const result = await adapter.webhook?.receive(request);
        if (result?.kind === 'events') keep('hook', result.events);
      }
    })();
    await emulator.rtm.connected();
    const session = emulator.visitor().sessionId;
    for (const state of ['resolved', 'pending', 'resolved', 'pending', 'resolved', 'pending'] as const) {
      await adapter.api.conversations.setState({ session, body: { state } });
    }
    await eventually(
      () => ids.socket.length >= 6 && ids.hook.length >= 6,
      () => JSON.stringify(ids),
    );
    stop.abort();
    await listening;
    await stage.close();
    await capture.close();
    await forwarding;
    expect(ids.socket.toSorted()).toEqual(ids.hook.toSorted());
    expect(new Set(ids.hook).size).toBe(6);
  },
);

test('hook and socket together bring every message and every change once', async () => {
  const stage = await startStage({ chaos: { duplicate: 0.3 }, rtmChaos: { duplicate: 0.3 } });
  const capture = await captureWebhooks('/webhooks/leads');
  const engine = memoryEngine();
  const { emulator } = stage;
  emulator.subscribe({ url: capture.url });
  const { origin, tier, identifier, key, websiteId: website, hookSecret: secret } = emulator.credentials;
  const options = { origin, tier, identifier, key, website, secret, realtime: true } as const;
  const bot = createBot({ accounts: { leads: crisp(options) }, engine, log: silentLog });
  const heard: string[] = [];
  bot.on('message.received', (turn) => heard.push(turn.text));
  const states: unknown[] = [];
  bot.on('conversation.updated', ({ event }) => {
    if (event.native === 'session:set_state') states.push(event.status);
  });
  await bot.start();
  await emulator.rtm.connected();
  const forwarding = (async () => {
    for (;;) {
      const request = await capture.next().catch(() => undefined);
      if (request === undefined) return;
      // Refused while the feed starts: the socket brings it as well.
      expect([200, 503]).toContain((await bot.webhook('leads', request)).status);
    }
  })();

  const ada = emulator.visitor();
  const api = stage.open({ realtime: false }).api;
  for (let round = 0; round < 10; round += 1) {
    ada.say(`round ${round}`);
    // The visitor's words open it again, each time.
    await api.conversations.setState({ session: ada.sessionId, body: { state: 'resolved' } });
  }
  await eventually(
    () => states.length >= 20 && heard.length >= 10 && emulator.hooks.pending === 0,
    () => `${heard.length} messages, ${states.length} states`,
  );
  await bot.drain();
  await bot.close();
  await stage.close();
  await capture.close();
  await forwarding;
  expect(heard.toSorted()).toEqual(Array.from({ length: 10 }, (_, round) => `round ${round}`));
  expect(states.filter((state) => state === 'closed')).toHaveLength(10);
  expect(states).toHaveLength(20);
});
