import { describe, expect, test } from '@jest/globals';
import type { Log } from '@parley/core';
import { memoryTokenStore, silentLog } from '@parley/core';
import { eventually } from '@parley/testing';
import type { Stage } from './account.js';
import { heard, listen, withStage } from './listening.js';

/** An operator's account that logs in, and what its log was warned of. */
function operator({ emulator, open }: Stage, tokens = memoryTokenStore()) {
  const { email, password } = emulator.credentials;
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
  const login = { tier: 'user', identifier: undefined, key: undefined, email, password } as const;
  return { warnings, adapter: open(login, { log, tokens }) };
}

const loginsAt = ({ emulator }: Stage): number =>
  emulator.journal.entries.filter(({ path }) => path.endsWith('/user/session/login')).length;

describe('a login for the sake of the socket', () => {
  test('is made once, however often the socket refuses what it gave, and again after a cool-down', async () => {
    await withStage({}, async (stage) => {
      const { rtm, clock } = stage.emulator;
      const { adapter, warnings } = operator(stage);
      rtm.refuseAuthentication(1_000);
      const listening = listen(adapter);
      const refusedOften = (times: number) =>
        eventually(
          () => rtm.authentications >= times,
          () => `authenticated ${rtm.authentications} times`,
        );
      await refusedOften(20);
      expect(loginsAt(stage)).toBe(2);
      clock.advance(300_000);
      await refusedOften(rtm.authentications + 20);
      expect(loginsAt(stage)).toBe(3);
      expect(warnings).toContainEqual(expect.stringContaining('the keypair is refused (invalid_session)'));

      rtm.refuseAuthentication(0);
      await rtm.connected();
      stage.emulator.visitor().say('let in');
      await heard(listening, 'let in');
      expect(loginsAt(stage)).toBe(3);
      // What was let in has proved good: when it is refused later, there is a new login at once.
      rtm.refuseAuthentication(1);
      rtm.drop();
      await eventually(
        () => loginsAt(stage) === 4,
        () => 'no new login',
      );
      await listening.stop();
    });
  });

  test('is not made where the platform has other reasons, and the log tells them', async () => {
    await withStage({ rtmConnections: 1 }, async (stage) => {
      const { rtm } = stage.emulator;
      // They share a keypair, of which one socket is allowed.
      const tokens = memoryTokenStore();
      const listening = listen(operator(stage, tokens).adapter);
      await rtm.connected();
      const second = operator(stage, tokens);
      const waiting = listen(second.adapter);
      await eventually(
        () => second.warnings.length >= 5,
        () => 'nobody was refused',
      );
      expect(new Set(second.warnings)).toEqual(
        new Set(['Crisp realtime: not let in (too_many_connections); connects again']),
      );
      expect([loginsAt(stage), rtm.connections.length]).toEqual([1, 1]);
      expect(stage.notices.map(({ name }) => name)).not.toContain('account.refused');
      await waiting.stop();
      await listening.stop();
    });
  });
});

describe('that credentials are refused is told once', () => {
  test('by whoever logs in, however often the socket needs a keypair', async () => {
    await withStage({}, async (stage) => {
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
      const login = { tier: 'user', identifier: undefined, key: undefined, password: 'wrong' } as const;
      const listening = listen(stage.open({ ...login, email: stage.emulator.credentials.email }, { log }));
      await eventually(
        () => warnings.length >= 5,
        () => 'the log does not tell',
      );
      await listening.stop();
      expect(stage.notices).toEqual([
        { name: 'account.refused', reason: expect.stringContaining('renewing failed') },
      ]);
    });
  });

  test('of a keypair, by the first call that meets it', async () => {
    await withStage({}, async (stage) => {
      const adapter = stage.open({ key: 'wrong' });
      for (let call = 0; call < 3; call += 1) {
        await expect(adapter.api.website.get()).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
      }
      expect(stage.notices).toEqual([
        { name: 'account.refused', reason: expect.stringContaining('keypair is refused') },
      ]);
    });
  });

  test('and again after the socket took it meanwhile', async () => {
    await withStage({}, async (stage) => {
      const { rtm } = stage.emulator;
      const listening = listen(stage.open());
      for (let time = 1; time <= 2; time += 1) {
        stage.emulator.visitor().say('let in');
        await eventually(
          () => listening.events.filter(({ name }) => name === 'message.received').length === time,
          () => 'not let in',
        );
        rtm.refuseAuthentication(3);
        rtm.drop();
        await eventually(
          () => stage.notices.length === time,
          () => `told ${stage.notices.length} times`,
        );
      }
      await listening.stop();
      expect(stage.notices).toHaveLength(2);
    });
  });
});

test('a namespace that is refused on an open connection is followed by the next connection', async () => {
  await withStage({}, async (stage) => {
    const { rtm } = stage.emulator;
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
    const listening = listen(stage.open({}, { log }));
    await rtm.connected();
    rtm.packet('4{"message":"boom"}');
    await eventually(
      () => rtm.authentications >= 2,
      () => 'it is deaf',
    );
    stage.emulator.visitor().say('still there?');
    await heard(listening, 'still there?');
    expect(warnings).toEqual(['Crisp realtime: the connection ended (boom); connects again']);
    await listening.stop();
  });
});

test('a frame whose event has no name is no event', async () => {
  await withStage({}, async (stage) => {
    const { rtm } = stage.emulator;
    const listening = listen(stage.open());
    await rtm.connected();
    rtm.packet('2[5,{"a":1}]');
    rtm.packet('2[null,{"a":1}]');
    stage.emulator.visitor().say('hello');
    await heard(listening, 'hello');
    expect(listening.events.filter(({ native }) => typeof native !== 'string')).toEqual([]);
    await listening.stop();
  });
});
