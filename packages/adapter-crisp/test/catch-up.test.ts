import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Clock, WebhookRequest } from '@parley/core';
import { emulatorClock, eventually } from '@parley/testing';
import type { Stage } from './account.js';
import { advanceUntil, connections, heard, listen, memory, withStage } from './listening.js';

const PAGE = 'GET /v1/website/:website/conversations/:page';
const messagesOf = (session: string) => `GET /v1/website/:website/conversation/${session}/messages`;

function refuse({ faults }: Stage['emulator'], route: string, status: number, times = 10_000): void {
  faults.next({ kind: 'status', status, route, times, body: { error: true, reason: 'no', data: {} } });
}

/** Waits until a feed has looked for what it missed for the second and last time. */
async function settled({ emulator }: Stage): Promise<void> {
  await emulator.rtm.connected();
  const looked = (): number => emulator.journal.requests({ path: /\/conversations\/1$/ }).length;
  const websites = emulator.rtm.connections[0]?.websites.length ?? 1;
  await advanceUntil(emulator, () => looked() >= 2 * websites);
}

/** A feed that has come to the present and whose connection is cut, for a test to say something in the gap. */
async function cutOff(stage: Stage, ...[options, context]: Parameters<Stage['open']>) {
  const { emulator, open } = stage;
  const checkpoint = memory();
  const listening = listen(open(options, { checkpoint, ...context }));
  await settled(stage);
  // What was said before is not looked for again.
  emulator.clock.advance(120_000);
  emulator.rtm.refuseConnections(1);
  emulator.rtm.drop();
  return { ...listening, checkpoint };
}

describe('what cannot be read', () => {
  test.each([500, 404, 403, 402])(
    'costs the other conversations nothing where one is answered %i, and is read once it can be',
    async (status) => {
      await withStage({}, async (stage) => {
        const { emulator } = stage;
        const [ada, bad, eve] = [emulator.visitor(), emulator.visitor(), emulator.visitor()];
        const listening = await cutOff(stage);
        refuse(emulator, messagesOf(bad.sessionId), status);
        for (const visitor of [ada, bad, eve]) {
          emulator.clock.advance(10);
          visitor.say(`in the gap ${visitor.sessionId}`);
        }
        await connections(emulator, 2);
        const both = [ada, eve].map(({ sessionId }) => `in the gap ${sessionId}`);
        // An answer of 500 is tried four times before it counts.
        await advanceUntil(emulator, () => both.every((text) => listening.texts().includes(text)));
        ada.say('live');
        await heard(listening, 'live');
        emulator.faults.clear();
        await advanceUntil(emulator, () => listening.texts().includes(`in the gap ${bad.sessionId}`));
        await listening.stop();
        expect(listening.texts()).toHaveLength(4);
      });
    },
  );

  test('is asked for once at each later try, so that what comes live does not wait for several', async () => {
    await withStage({}, async (stage) => {
      const { emulator, logged } = stage;
      const bad = emulator.visitor();
      const listening = await cutOff(stage);
      refuse(emulator, messagesOf(bad.sessionId), 500);
      bad.say('in the gap');
      await connections(emulator, 2);
      const failures = (): number =>
        logged.filter(({ message }) => message.startsWith('Crisp: cannot read')).length;
      const asked = (): number => emulator.journal.requests({ path: /\/messages$/ }).length;
      await advanceUntil(emulator, () => failures() >= 1);
      const before = asked();
      await advanceUntil(emulator, () => failures() >= 4);
      expect(asked() - before).toBe(3);
      emulator.faults.clear();
      await advanceUntil(emulator, () => listening.texts().includes('in the gap'));
      await listening.stop();
    });
  });

  test('is remembered over a restart', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const [ada, bad] = [emulator.visitor(), emulator.visitor()];
      const first = await cutOff(stage);
      refuse(emulator, messagesOf(bad.sessionId), 403);
      bad.say('in the gap');
      await connections(emulator, 2);
      await eventually(
        () => JSON.parse(first.checkpoint.value ?? '').failed?.length === 1,
        () => 'it is not noted',
      );
      // Far beyond what is read again after a restart.
      emulator.clock.advance(3_600_000);
      ada.say('live');
      await heard(first, 'live');
      await first.stop();
      emulator.faults.clear();
      const second = listen(open({}, { checkpoint: first.checkpoint }));
      await advanceUntil(emulator, () => second.texts().includes('in the gap'));
      await second.stop();
    });
  });

  test('costs the other websites of a plugin nothing where it is a website', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const others = [emulator.addWebsite(), emulator.addWebsite()];
      const visitors = [undefined, ...others].map((websiteId) =>
        emulator.visitor(websiteId === undefined ? {} : { websiteId }),
      );
      const listening = await cutOff(stage, { website: undefined });
      const route = `GET /v1/website/${others[0]}/conversations/:page`;
      refuse(emulator, route, 500);
      for (const [index, visitor] of visitors.entries()) visitor.say(`website ${index}`);
      await connections(emulator, 2);
      const heardOf = (...wanted: number[]): boolean =>
        wanted.every((index) => listening.texts().includes(`website ${index}`));
      await advanceUntil(emulator, () => heardOf(0, 2));
      emulator.faults.clear();
      await advanceUntil(emulator, () => heardOf(1));
      await listening.stop();
      expect(listening.texts()).toHaveLength(3);
    });
  });

  test('because the quota is used up is tried again as a whole, and what comes live is heard', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const [ada, eve] = [emulator.visitor(), emulator.visitor()];
      const listening = await cutOff(stage);
      refuse(emulator, messagesOf(':session'), 429);
      ada.say('in the gap');
      await connections(emulator, 2);
      const told = (): boolean =>
        stage.logged.some(({ message }) => message.startsWith('Crisp realtime: cannot read'));
      await advanceUntil(emulator, told);
      eve.say('live');
      await advanceUntil(emulator, () => listening.texts().includes('live'));
      expect(JSON.parse(listening.checkpoint.value ?? '').failed).toEqual([]);
      emulator.faults.clear();
      await advanceUntil(emulator, () => listening.texts().includes('in the gap'));
      await listening.stop();
    });
  });

  test('for most of a day, since it is not found, counts as removed', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const ada = emulator.visitor();
      const listening = await cutOff(stage);
      refuse(emulator, messagesOf(ada.sessionId), 404);
      ada.say('in the gap');
      await connections(emulator, 2);
      const failed = (): unknown[] => JSON.parse(listening.checkpoint.value ?? '').failed;
      await eventually(
        () => failed().length === 1,
        () => 'it is not noted',
      );
      const begin = emulator.clock.now();
      await advanceUntil(emulator, () => failed().length === 0, 600_000);
      expect(emulator.clock.now() - begin).toBeGreaterThan(12 * 3_600_000);
      await listening.stop();
    });
  });

  test('costs what comes live no long wait where no website answers', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      for (let number = 0; number < 9; number += 1) emulator.addWebsite();
      const listening = await cutOff(stage, { website: undefined });
      refuse(emulator, PAGE, 500);
      const before = emulator.journal.requests({ path: /\/conversations\// }).length;
      emulator.visitor().say('in the gap');
      await connections(emulator, 2);
      const told = (): boolean =>
        stage.logged.filter(({ message }) => message.startsWith('Crisp realtime: cannot read')).length > 0;
      await advanceUntil(emulator, told);
      // The first four times.
      expect(emulator.journal.requests({ path: /\/conversations\// }).length - before).toBe(8);
      emulator.faults.clear();
      await advanceUntil(emulator, () => listening.texts().includes('in the gap'));
      await listening.stop();
    });
  });

  test('is asked for rarely where nothing can be read, and read as a whole afterwards', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const visitors = Array.from({ length: 30 }, () => emulator.visitor());
      const listening = await cutOff(stage);
      refuse(emulator, messagesOf(':session'), 403);
      for (const [index, visitor] of visitors.entries()) {
        emulator.clock.advance(1);
        visitor.say(`in the gap ${index}`);
      }
      await connections(emulator, 2);
      const asked = (): number => emulator.journal.requests({ path: /\/messages$/ }).length;
      await advanceUntil(emulator, () => asked() >= 5);
      const before = asked();
      const passed = emulator.clock.now();
      await advanceUntil(emulator, () => emulator.clock.now() - passed > 60_000);
      expect(asked() - before).toBeLessThan(30);
      emulator.faults.clear();
      await advanceUntil(emulator, () => listening.texts().length >= 30, 10_000);
      await listening.stop();
      expect(new Set(listening.texts()).size).toBe(30);
    });
  });

  test('does not hide what comes live while the list cannot be read', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const [ada, eve] = [emulator.visitor(), emulator.visitor()];
      const listening = await cutOff(stage);
      refuse(emulator, PAGE, 500);
      eve.say('in the gap');
      await connections(emulator, 2);
      await advanceUntil(
        emulator,
        () => emulator.journal.requests({ path: /\/conversations\/1$/ }).length > 3,
      );
      ada.say('live');
      await advanceUntil(emulator, () => listening.texts().includes('live'));
      emulator.faults.clear();
      await advanceUntil(emulator, () => listening.texts().includes('in the gap'));
      await listening.stop();
    });
  });
});

test('what was said in a gap is read past the answers that the platform keeps', async () => {
  await withStage({ cacheMs: 3_600_000 }, async (stage) => {
    const { emulator } = stage;
    const ada = emulator.visitor();
    const listening = await cutOff(stage);
    for (const [index, text] of ['in the first gap', 'in the second gap'].entries()) {
      emulator.clock.advance(10);
      ada.say(text);
      await connections(emulator, index + 2);
      await heard(listening, text);
      emulator.rtm.refuseConnections(1);
      emulator.rtm.drop();
    }
    await listening.stop();
  });
});

/** Answers a route once with what it would have answered, changed. */
function alter({ faults }: Stage['emulator'], route: string, data: unknown, status = 200, times = 1): void {
  faults.next({ kind: 'status', status, route, times, body: { error: false, reason: 'listed', data } });
}

describe('what is odd', () => {
  test('in a list of conversations costs nothing of what was said', async () => {
    const odd: Record<string, unknown> = {
      meta: [],
      assigned: '',
      topic: {},
      is_blocked: 0,
      updated_at: '2026-01-01T00:00:00.000Z',
      created_at: 'today',
      people_id: 1,
      state: null,
    };
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const visitors = Object.keys(odd).map(() => emulator.visitor());
      const listening = await cutOff(stage);
      for (const visitor of visitors) visitor.say(`in the gap ${visitor.sessionId}`);
      const names = Object.keys(odd);
      const list = emulator
        .conversations()
        .map((one, index) => ({ ...one, [names[index] ?? '']: odd[names[index] ?? ''] }));
      const route = PAGE.replace(':page', '1');
      alter(emulator, route, [null, 'x', { session_id: 1 }, ...list], 200, 4);
      await connections(emulator, 2);
      await eventually(
        () => listening.texts().length >= visitors.length,
        () => `heard ${listening.texts().length} of ${visitors.length}`,
      );
      await listening.stop();
      expect(listening.texts()).toHaveLength(visitors.length);
    });
  });

  test('about a message, that it has no time, costs nothing of what was said before it', async () => {
    await withStage({ messageBatch: 5 }, async (stage) => {
      const { emulator } = stage;
      const ada = emulator.visitor();
      ada.say('long ago');
      emulator.clock.advance(200_000);
      const listening = await cutOff(stage);
      for (let number = 0; number < 15; number += 1) {
        emulator.clock.advance(10);
        ada.say(`line ${number}`);
      }
      const newest = (emulator.conversation(ada.sessionId)?.messages ?? []).slice(-5);
      const data = newest.map(({ timestamp, ...rest }, index) =>
        index === 2 ? rest : { ...rest, timestamp },
      );
      alter(emulator, messagesOf(ada.sessionId), data, 206);
      await connections(emulator, 2);
      await heard(listening, 'line 14');
      await listening.stop();
      expect(listening.texts()).toEqual(Array.from({ length: 15 }, (_, number) => `line ${number}`));
    });
  });
});

describe('a website that is new', () => {
  test('is heard from its first words on, in their order, when it says something again', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const listening = listen(open({ website: undefined }, { checkpoint: memory() }));
      await settled(stage);
      const website = emulator.addWebsite();
      const zoe = emulator.visitor({ websiteId: website });
      zoe.say('first words');
      await advanceUntil(emulator, () => emulator.rtm.connections[0]?.websites.includes(website) === true);
      zoe.say('second words');
      await heard(listening, 'second words');
      await listening.stop();
      expect(listening.texts()).toEqual(['first words', 'second words']);
    });
  });

  test('is heard within minutes when nothing follows, and asked for rarely', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const listening = listen(open({ website: undefined }, { checkpoint: memory() }));
      await settled(stage);
      emulator.visitor({ websiteId: emulator.addWebsite() }).say('the only words');
      const begin = emulator.clock.now();
      await advanceUntil(emulator, () => listening.texts().includes('the only words'), 5_000);
      expect(emulator.clock.now() - begin).toBeLessThan(400_000);
      const listed = (): number =>
        emulator.journal.requests({ path: /\/plugin\/connect\/websites\// }).length;
      const [before, then] = [listed(), emulator.clock.now()];
      await advanceUntil(emulator, () => emulator.clock.now() - then > 3_600_000, 60_000);
      await listening.stop();
      // A list is a page and an empty one.
      expect(listed() - before).toBeLessThan(30);
    });
  });

  test('is heard after a restart, though others were heard meanwhile', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const checkpoint = memory();
      const first = listen(open({ website: undefined }, { checkpoint }));
      await settled(stage);
      emulator.visitor({ websiteId: emulator.addWebsite() }).say('before the restart');
      const ada = emulator.visitor();
      // Longer than what is read again after any restart.
      for (let minute = 0; minute < 3; minute += 1) {
        emulator.clock.advance(50_000);
        ada.say(`minute ${minute}`);
        await heard(first, `minute ${minute}`);
      }
      await first.stop();
      const second = listen(open({ website: undefined }, { checkpoint }));
      await advanceUntil(emulator, () =>
        [...first.texts(), ...second.texts()].includes('before the restart'),
      );
      await second.stop();
    });
  });
});

describe('hooks beside the socket', () => {
  const sign = ({ emulator }: Stage, event: string, data: object): WebhookRequest => {
    const { websiteId, hookSecret } = emulator.credentials;
    const at = emulator.clock.now();
    const body = JSON.stringify({ website_id: websiteId, event, data, timestamp: at });
    const signed = createHmac('sha256', hookSecret).update(`[${at};${body}]`).digest('hex');
    const headers = { 'x-crisp-request-timestamp': String(at), 'x-crisp-signature': signed };
    return { method: 'POST', url: '/webhooks/leads', headers, body: Buffer.from(body) };
  };
  const said = (stage: Stage, sessionId: string): WebhookRequest => {
    const message = stage.emulator.conversation(sessionId)?.messages.at(-1);
    if (message === undefined) throw new Error('nothing was said');
    return sign(stage, 'message:send', message);
  };

  test('wait until what was said before a restart is read', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const ada = emulator.visitor();
      const first = await cutOff(stage);
      await first.stop();
      ada.say('while it was away');
      const { checkpoint } = first;
      const adapter = open({}, { checkpoint });
      emulator.faults.next({ kind: 'slow', delayMs: 10_000, route: PAGE });
      const second = listen(adapter);
      await emulator.rtm.connected();
      await eventually(
        () => emulator.faults.pending.length === 0,
        () => 'it does not catch up',
      );
      ada.say('after the start');
      const held = await adapter.webhook.receive(said(stage, ada.sessionId));
      expect(held).toMatchObject({ kind: 'answer', status: 503, headers: { 'retry-after': '5' } });
      // Nothing is known to come before a state.
      const state = { session_id: ada.sessionId, state: 'resolved' };
      expect(await adapter.webhook.receive(sign(stage, 'session:set_state', state))).toMatchObject({
        kind: 'events',
      });
      emulator.clock.advance(10_000);
      await heard(second, 'after the start');
      expect(second.texts()).toEqual(['while it was away', 'after the start']);
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ kind: 'events' });
      await second.stop();
    });
  });

  test('do not wait for a socket that cannot be reached a second time', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open, logged } = stage;
      const ada = emulator.visitor();
      ada.say('hello');
      const adapter = open({ reconnect: { firstMs: 1_000, maxMs: 1_000 } });
      emulator.rtm.refuseConnections(10_000);
      const listening = listen(adapter);
      const failures = (): number =>
        logged.filter(({ message }) => message.includes('cannot be reached')).length;
      await eventually(
        () => failures() === 1,
        () => 'no connection was tried',
      );
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ status: 503 });
      await advanceUntil(emulator, () => failures() >= 2);
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ kind: 'events' });
      await listening.stop();
    });
  });

  test('wait for half a minute at most where there is no answer, and not at all without a feed', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const ada = emulator.visitor();
      ada.say('hello');
      const adapter = open();
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ kind: 'events' });
      emulator.rtm.ignoreAuthentication(10);
      const listening = listen(adapter);
      await eventually(
        () => emulator.rtm.accepted > 0,
        () => 'no connection',
      );
      emulator.clock.advance(19_000);
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ status: 503 });
      emulator.clock.advance(11_000);
      expect(await adapter.webhook.receive(said(stage, ada.sessionId))).toMatchObject({ kind: 'events' });
      await listening.stop();
    });
  });
});

describe('a first start', () => {
  test('does not hear the answer to a question that was asked and answered before', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const ada = emulator.visitor();
      const other = open({ realtime: false });
      const choices = [{ type: 'reply' as const, label: 'Cancel', value: 'cancel' }];
      await other.messages.send({
        conversationId: `leads:${ada.sessionId}`,
        content: { kind: 'choices', text: 'What now?', choices },
        key: 'asked',
      });
      ada.choose('cancel');
      emulator.clock.advance(60_000);
      const listening = listen(open({}, { checkpoint: memory() }));
      await emulator.rtm.connected();
      ada.say('hello');
      await settled(stage);
      await heard(listening, 'hello');
      await listening.stop();
      expect(listening.named('message.received')).toHaveLength(1);
    });
  });
});

describe('a clock that is wrong', () => {
  const HOUR = 3_600_000;
  const off = ({ emulator }: Stage, ms: number): Clock => ({
    ...emulatorClock(emulator),
    now: () => emulator.clock.now() + ms,
  });

  test('by an hour ahead loses nothing that is said in a gap', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const ada = emulator.visitor();
      const listening = await cutOff(stage, {}, { clock: off(stage, HOUR) });
      ada.say('in the gap');
      await connections(emulator, 2);
      await heard(listening, 'in the gap');
      await listening.stop();
    });
  });

  test.each(['discovered', 'given'])(
    'by an hour behind hears nothing from before the first start, its address being %s',
    async (address) => {
      await withStage({}, async (stage) => {
        const { emulator, open } = stage;
        const ada = emulator.visitor();
        ada.say('before the start');
        emulator.clock.advance(HOUR / 2);
        const own = address === 'given' ? { rtmUrl: emulator.credentials.rtmUrl } : {};
        const listening = listen(open(own, { clock: off(stage, -HOUR), checkpoint: memory() }));
        await settled(stage);
        ada.say('after the start');
        await heard(listening, 'after the start');
        await listening.stop();
        expect(listening.texts()).toEqual(['after the start']);
      });
    },
  );

  test('and was put right since costs nothing either', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const at = emulator.clock.now() + 24 * HOUR;
      const checkpoint = memory();
      await checkpoint.write(JSON.stringify({ at, from: at, ids: [] }));
      const ada = emulator.visitor();
      const listening = listen(stage.open({}, { checkpoint }));
      await settled(stage);
      emulator.rtm.refuseConnections(1);
      emulator.rtm.drop();
      ada.say('in the gap');
      await connections(emulator, 2);
      await heard(listening, 'in the gap');
      await listening.stop();
    });
  });
});

describe('a mark that is broken', () => {
  const broken = [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"at":"today","ids":[]}',
    '{"at":1e300,"ids":[]}',
    '{"at":-1}',
  ];

  test.each(broken)('(%s) is told to the log, and listening begins anew', async (text) => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const checkpoint = memory();
      await checkpoint.write(text);
      const listening = listen(open({}, { checkpoint }));
      await emulator.rtm.connected();
      emulator.visitor().say('hello');
      await heard(listening, 'hello');
      await listening.stop();
      expect(stage.logged.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('cannot be read'),
      );
      expect(JSON.parse(checkpoint.value ?? '')).toMatchObject({ at: expect.any(Number) });
    });
  });

  test('in one of its lists loses that item alone', async () => {
    await withStage({}, async (stage) => {
      const { emulator, open } = stage;
      const ada = emulator.visitor();
      const at = emulator.clock.now();
      const ids = [1, null, ['leads:x'], [2, at]];
      const failed = [null, 'x', {}, { website: 1 }, { website: 'w', since: 'now', tries: 1, failedAt: at }];
      const checkpoint = memory();
      await checkpoint.write(JSON.stringify({ at, from: at, ids, failed }));
      emulator.clock.advance(1_000);
      ada.say('while it was away');
      const listening = listen(open({}, { checkpoint }));
      await heard(listening, 'while it was away');
      await listening.stop();
    });
  });
});

describe('what reading costs', () => {
  const requests = ({ emulator }: Stage, path: RegExp): number => emulator.journal.requests({ path }).length;

  test.each([
    [0, 2],
    [20, 4],
    [120, 12],
  ])(
    'is a request for each of %i conversations that changed, and %i for lists of them',
    async (many, lists) => {
      await withStage({}, async (stage) => {
        const { emulator } = stage;
        const visitors = Array.from({ length: many }, () => emulator.visitor());
        const listening = await cutOff(stage);
        for (const visitor of visitors) {
          emulator.clock.advance(1);
          visitor.say(`in the gap ${visitor.sessionId}`);
        }
        emulator.clock.advance(6_000);
        const [messages, listings] = [requests(stage, /\/messages$/), requests(stage, /\/conversations\//)];
        const listed = (): number => requests(stage, /\/conversations\//) - listings;
        await connections(emulator, 2);
        // The second look comes once the first one is over.
        const first = many === 120 ? lists - 4 : lists / 2;
        await eventually(
          () => listening.texts().length === many && listed() >= first,
          () => `heard ${listening.texts().length} of ${many}, after ${listed()} lists`,
          10_000,
        );
        await advanceUntil(emulator, () => listed() >= lists);
        await listening.stop();
        expect(listed()).toBe(lists);
        expect(requests(stage, /\/messages$/) - messages).toBe(many);
      });
    },
  );

  test('is a second request for one that had just changed, whose message may not be stored yet', async () => {
    await withStage({}, async (stage) => {
      const { emulator } = stage;
      const ada = emulator.visitor();
      ada.say('hello');
      const listening = await cutOff(stage);
      ada.tell({ nickname: 'Ada' });
      const before = requests(stage, /\/messages$/);
      await connections(emulator, 2);
      const asked = (): number => requests(stage, /\/messages$/) - before;
      await eventually(
        () => asked() === 1,
        () => 'it was not read',
      );
      await advanceUntil(emulator, () => asked() === 2, 5_000);
      await listening.stop();
    });
  });
});
