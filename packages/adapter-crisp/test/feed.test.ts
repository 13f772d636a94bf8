import { describe, expect, test } from '@jest/globals';
import { type Event, type Log, silentLog } from '@parley/core';
import { eventually } from '@parley/testing';
import { advanceUntil, connections, heard, listen, memory, textsOf, withStage } from './listening.js';

describe('the socket', () => {
  test('dropped 100 times at random moments while 1,000 messages arrive, it loses and doubles none', async () => {
    await withStage({ messageBatch: 50 }, async ({ emulator, open }) => {
      const listening = listen(open());
      await emulator.rtm.connected();
      const visitors = Array.from({ length: 10 }, (_, index) => emulator.visitor({ nickname: `v${index}` }));
      const said: string[] = [];
      const drops = new Set<number>();
      let dropped = 0;
      while (drops.size < 100) drops.add(Math.floor(Math.random() * 1000));
      for (let number = 0; number < 1000; number += 1) {
        const text = `message ${number}`;
        said.push(text);
        visitors[Math.floor(Math.random() * 10)]?.say(text);
        if (drops.has(number)) {
          // In the middle of catching up from the last time, or later; what follows at once is in the gap.
          await connections(emulator, dropped + 1);
          dropped += 1;
          emulator.rtm.drop();
        } else if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await eventually(
        () => listening.texts().length >= said.length,
        () => `heard ${listening.texts().length} of ${said.length}`,
        60_000,
      );
      await listening.stop();
      expect(listening.texts().toSorted()).toEqual(said.toSorted());
      expect(dropped).toBe(100);
    });
  });

  test('keeps what one visitor says in its order, over a gap', async () => {
    await withStage({ messageBatch: 4 }, async ({ emulator, open }) => {
      const ada = emulator.visitor();
      const listening = listen(open());
      await emulator.rtm.connected();
      const said = Array.from({ length: 30 }, (_, index) => `line ${index}`);
      for (const [index, text] of said.entries()) {
        emulator.clock.advance(1);
        ada.say(text);
        if (index % 10 === 4) emulator.rtm.drop();
      }
      await heard(listening, 'line 29');
      await listening.stop();
      expect(listening.texts()).toEqual(said);
    });
  });

  test('comes back after a closed namespace, a refused authentication and an address that cannot be had', async () => {
    await withStage({}, async ({ emulator, open, notices }) => {
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
      const ada = emulator.visitor();
      const listening = listen(open({}, { log }));
      await emulator.rtm.connected();

      emulator.rtm.disconnectNamespace();
      ada.say('after the namespace');
      await heard(listening, 'after the namespace');

      emulator.rtm.refuseAuthentication(2);
      emulator.rtm.drop();
      ada.say('after the refusals');
      await heard(listening, 'after the refusals');
      // What was being read when the connection was cut may have brought it before.
      await eventually(
        () => notices.length > 0,
        () => 'nobody was told of the refusal',
      );
      expect(notices).toEqual([
        { name: 'account.refused', reason: expect.stringContaining('keypair is refused') },
      ]);

      emulator.faults.next({
        kind: 'status',
        status: 500,
        route: 'GET /v1/plugin/connect/endpoints',
        times: 6,
      });
      emulator.faults.next({ kind: 'malformed', route: 'GET /v1/plugin/connect/endpoints' });
      emulator.rtm.moveEndpoint();
      emulator.rtm.drop();
      ada.say('after the move');
      const told = (what: string): boolean => warnings.some((warning) => warning.includes(what));
      const isBack = (text: string): boolean =>
        listening.texts().includes(text) && emulator.rtm.connections.length > 0;
      await advanceUntil(emulator, () => told('answered 500') && isBack('after the move'));

      emulator.rtm.refuseConnections(3);
      emulator.rtm.drop();
      ada.say('after no connection');
      await advanceUntil(emulator, () => told('cannot be reached') && isBack('after no connection'));
      await listening.stop();
      expect(listening.texts()).toHaveLength(4);
      expect([told('connection ended'), told('keypair is refused')]).toEqual([true, true]);
    });
  });

  test('gives up an authentication that is never answered, and authenticates again', async () => {
    await withStage({}, async ({ emulator, open }) => {
      emulator.rtm.ignoreAuthentication();
      const ada = emulator.visitor();
      const listening = listen(open());
      await eventually(
        () => emulator.rtm.accepted > 0,
        () => 'no connection',
      );
      await advanceUntil(emulator, () => emulator.rtm.authentications > 0);
      ada.say('at last');
      await heard(listening, 'at last');
      await listening.stop();
    });
  });

  test('goes on with what comes while it may not read what it missed, and reads that once it may', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const checkpoint = memory();
      const listening = listen(open({}, { checkpoint }));
      await emulator.rtm.connected();
      const [ada, eve] = [emulator.visitor(), emulator.visitor()];
      ada.say('before');
      await heard(listening, 'before');
      emulator.faults.next({
        kind: 'status',
        status: 403,
        route: 'GET /v1/website/:website/conversations/:page',
        times: 3,
        body: { error: true, reason: 'not_allowed', data: {} },
      });
      emulator.rtm.drop();
      eve.say('in the gap');
      await connections(emulator, 2);
      // Else the leap would be a time-out of the request that is to be refused.
      await eventually(
        () => emulator.journal.requests({ path: /\/conversations\/1$/ }).at(-1)?.status === 403,
        () => 'nothing was refused',
      );
      emulator.clock.advance(100_000);
      ada.say('live');
      await heard(listening, 'live');
      expect(listening.texts()).not.toContain('in the gap');
      await advanceUntil(emulator, () => listening.texts().includes('in the gap'));
      await listening.stop();
      expect(listening.texts()).toEqual(['before', 'live', 'in the gap']);
    });
  });

  test('answers after a restart what was said since a first start, also if that never got a connection', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const checkpoint = memory();
      emulator.rtm.refuseConnections(1_000);
      const cutOff = listen(open({}, { checkpoint }));
      const kept = await eventually(
        () => checkpoint.value,
        () => 'nothing is noted',
      );
      emulator.clock.advance(1);
      emulator.visitor().say('since the start');
      await cutOff.stop();
      emulator.rtm.refuseConnections(0);
      // As after a kill: what the end notes is not there.
      checkpoint.value = kept;
      const listening = listen(open({}, { checkpoint }));
      await heard(listening, 'since the start');
      await listening.stop();
    });
  });

  test('finds a message that was accepted in a gap and stored after it', async () => {
    await withStage({ messageDelayMs: 3_000 }, async ({ emulator, open }) => {
      const ada = emulator.visitor();
      const listening = listen(open());
      await emulator.rtm.connected();
      emulator.rtm.chaos = { drop: 1 };
      ada.say('slowly stored');
      emulator.rtm.drop();
      await connections(emulator, 2);
      await advanceUntil(emulator, () => listening.texts().length > 0);
      await listening.stop();
      expect(listening.texts()).toEqual(['slowly stored']);
    });
  });

  test('misses no conversation that moves while the list of them is read', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const checkpoint = memory();
      const listening = listen(open({}, { checkpoint }));
      await emulator.rtm.connected();
      await eventually(
        () => checkpoint.value !== undefined,
        () => 'it did not end looking for what it has missed',
      );
      emulator.rtm.refuseConnections(1);
      emulator.rtm.drop();
      const visitors = Array.from({ length: 60 }, () => emulator.visitor());
      for (const [index, visitor] of visitors.entries()) {
        emulator.clock.advance(1);
        visitor.say(`in the gap ${index}`);
      }
      // The first is last in the list: it leaves the second page for the first while the second is on its way.
      emulator.faults.next({ kind: 'slow', delayMs: 500, route: 'GET /v1/website/:website/conversations/2' });
      await eventually(
        () => emulator.faults.pending.length === 0,
        () => 'the second page was not asked for',
        10_000,
      );
      visitors[0]?.say('and moved');
      // Less than it takes to look once more.
      emulator.clock.advance(500);
      await eventually(
        () => listening.texts().length >= 61,
        () => `heard ${listening.texts().length} of 61`,
        2_500,
      );
      await listening.stop();
      expect(new Set(listening.texts()).size).toBe(61);
    });
  });

  test('brings an answer that was chosen in a gap, once', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const ada = emulator.visitor();
      ada.say('hello');
      const adapter = open();
      const listening = listen(adapter);
      await emulator.rtm.connected();
      const choices = [
        { type: 'reply' as const, label: 'Morning', value: 'am' },
        { type: 'reply' as const, label: 'Afternoon', value: 'pm' },
      ];
      await adapter.messages.send({
        conversationId: `leads:${ada.sessionId}`,
        content: { kind: 'choices', text: 'When?', choices },
        key: 'when',
      });
      emulator.rtm.drop();
      emulator.clock.advance(100);
      ada.choose('pm');
      const answers = () =>
        listening.events.filter(
          (one) => one.name === 'message.received' && one.message.content.kind === 'choice',
        );
      await eventually(
        () => answers().length > 0,
        () => 'no answer came',
      );
      emulator.rtm.drop();
      await emulator.rtm.connected();
      ada.say('thanks');
      await heard(listening, 'thanks');
      await listening.stop();
      expect(answers()).toMatchObject([
        {
          conversationId: `leads:${ada.sessionId}`,
          message: { direction: 'in', content: { kind: 'choice', value: 'pm', label: 'Afternoon' } },
        },
      ]);
    });
  });

  test('does not take what an operator has filled in beforehand in a gap for an answer, but what the visitor makes of it', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const ada = emulator.visitor();
      const listening = listen(open());
      await emulator.rtm.connected();
      ada.say('hello');
      await heard(listening, 'hello');
      emulator.rtm.drop();
      const sam = emulator.operator({ email: 'sam@shop.test' });
      const field = { text: 'Your name?', explain: '' };
      sam.send(ada.sessionId, { type: 'field', content: { ...field, id: 'a', value: 'guessed by Sam' } });
      const asked = sam.send(ada.sessionId, {
        type: 'field',
        content: { ...field, id: 'b', value: 'guess' },
      });
      ada.answer('Ada', asked);
      ada.say('thanks');
      await heard(listening, 'thanks');
      await heard(listening, 'Ada');
      await listening.stop();
      expect(listening.events.flatMap(textsOf)).not.toContain('guessed by Sam');
    });
  });

  test('goes on after a restart where it was, and answers nothing twice', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const checkpoint = memory();
      const ada = emulator.visitor();
      ada.say('before the first start');
      emulator.clock.advance(1_000);
      const first = listen(open({}, { checkpoint }));
      await emulator.rtm.connected();
      ada.say('heard by the first');
      await heard(first, 'heard by the first');
      await first.stop();

      emulator.clock.advance(30 * 24 * 3_600_000);
      ada.say('while nobody listened');
      emulator.clock.advance(1_000);
      const second = listen(open({}, { checkpoint }));
      await heard(second, 'while nobody listened');
      ada.say('live again');
      await heard(second, 'live again');
      await second.stop();
      expect(first.texts()).toEqual(['heard by the first']);
      expect(second.texts()).toEqual(['while nobody listened', 'live again']);
    });
  });

  test('asks for a batch only when the one before is accepted, and brings it again otherwise', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const checkpoint = memory();
      const ada = emulator.visitor();
      const stop = new AbortController();
      const feed = open({}, { checkpoint }).feed?.events(stop.signal) ?? [];
      const iterator = (feed as AsyncIterable<readonly Event[]>)[Symbol.asyncIterator]();
      const batch = iterator.next();
      await emulator.rtm.connected();
      ada.say('taken, and then the process died');
      expect((await batch).value).toHaveLength(1);
      stop.abort();
      await iterator.return?.();

      const again = listen(open({}, { checkpoint }));
      await heard(again, 'taken, and then the process died');
      await again.stop();
    });
  });

  test('begins anew when its consumer is much slower than the socket, and loses nothing', async () => {
    await withStage({ messageBatch: 5_000 }, async ({ emulator, open }) => {
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
      const ada = emulator.visitor();
      const stop = new AbortController();
      const feed = open({}, { log }).feed?.events(stop.signal) as AsyncIterable<readonly Event[]>;
      const iterator = feed[Symbol.asyncIterator]();
      const first = iterator.next();
      await emulator.rtm.connected();
      ada.say('first');
      const heardTexts = ((await first).value as Event[]).flatMap(textsOf);
      for (let number = 0; number < 11_000; number += 1) ada.say(`number ${number}`);
      await eventually(
        () => emulator.rtm.connections.length === 0,
        () => 'it waits with everything in memory',
        20_000,
      );
      ada.say('last');
      const reading = (async () => {
        for (;;) {
          const { done, value } = await iterator.next();
          if (done === true) return;
          heardTexts.push(...value.flatMap(textsOf));
        }
      })();
      await eventually(
        () => heardTexts.includes('last') && warnings.length > 0,
        () => `heard ${heardTexts.length} of 11,002`,
        20_000,
      );
      stop.abort();
      await reading;
      expect([heardTexts.length, new Set(heardTexts).size]).toEqual([11_002, 11_002]);
      expect(warnings).toContainEqual(expect.stringContaining('more events came than were taken'));
    });
  });

  test('hears all websites of a plugin, one that installs it later as well, and tells them apart', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const other = emulator.addWebsite();
      const adapter = open({ website: undefined });
      const listening = listen(adapter);
      await emulator.rtm.connected();
      const ada = emulator.visitor({ websiteId: other });
      ada.say('from the other website');
      await heard(listening, 'from the other website');
      emulator.rtm.drop();
      ada.say('while it was away');
      await heard(listening, 'while it was away');
      const conversationId = `leads:${other}/${ada.sessionId}`;
      expect(listening.named('message.received')).toMatchObject([{ conversationId }, { conversationId }]);

      await adapter.messages.send({ conversationId, content: { kind: 'text', text: 'Hi!' }, key: '1' });
      expect(ada.received.map(({ content }) => content)).toEqual(['Hi!']);
      expect(await adapter.conversations.get(conversationId)).toMatchObject({ organization: other });
      await listening.stop();
    });
  });

  test('hears a website that installs the plugin while it listens', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const other = emulator.addWebsite({ installed: false });
      const { userIdentifier, userKey, pluginId } = emulator.credentials;
      const owner = open({ tier: 'user', identifier: userIdentifier, key: userKey, realtime: false });
      const listening = listen(open({ website: undefined }));
      await emulator.rtm.connected();
      await owner.api.pluginSubscriptions.subscribe({ website: other, body: { plugin_id: pluginId } });
      await advanceUntil(emulator, () => emulator.rtm.connections[0]?.websites.includes(other) === true);
      emulator.visitor({ websiteId: other }).say('from the new one');
      await heard(listening, 'from the new one');
      await listening.stop();
    });
  });

  test('leaves out what another website of the same plugin sends', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const other = emulator.addWebsite();
      const listening = listen(open());
      await emulator.rtm.connected();
      emulator.visitor({ websiteId: other }).say('not for you');
      emulator.visitor().say('for you');
      await heard(listening, 'for you');
      await listening.stop();
      expect(listening.texts()).toEqual(['for you']);
    });
  });

  test('listens as a website and as an operator who logs in', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const { websiteIdentifier, websiteKey, email, password } = emulator.credentials;
      const website = listen(open({ tier: 'website', identifier: websiteIdentifier, key: websiteKey }));
      const operator = listen(open({ tier: 'user', identifier: undefined, key: undefined, email, password }));
      await emulator.rtm.connected(2);
      emulator.visitor().say('hello both');
      await heard(website, 'hello both');
      await heard(operator, 'hello both');
      await website.stop();
      await operator.stop();
    });
  });

  test('waits for several changed texts no longer than for one, where they cannot be read', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const ada = emulator.visitor();
      const sam = emulator.operator({ email: 'sam@shop.test' });
      const notes = Array.from({ length: 20 }, (_, index) => sam.note(ada.sessionId, `note ${index}`));
      emulator.clock.advance(600_000);
      const listening = listen(open());
      await emulator.rtm.connected();
      const looked = (): number => emulator.journal.requests({ path: /\/conversations\/1$/ }).length;
      await advanceUntil(emulator, () => looked() >= 2);
      const route = 'GET /v1/website/:w/conversation/:s/message/:f';
      emulator.faults.next({ kind: 'slow', delayMs: 60_000, route, times: 20 });
      const before = emulator.clock.now();
      for (const [index, note] of notes.entries()) sam.edit(ada.sessionId, note, `changed ${index}`);
      ada.say('live');
      await advanceUntil(emulator, () => listening.texts().includes('live'));
      // Twenty times three seconds otherwise.
      expect(emulator.clock.now() - before).toBeLessThan(30_000);
      await listening.stop();
      expect(listening.named('provider.event')).toHaveLength(20);
    });
  });

  test('ends when the account is closed, and gives its connection back', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const adapter = open();
      const stop = new AbortController();
      const ended = (async () => {
        for await (const _ of adapter.feed?.events(stop.signal) ?? []);
        return 'ended';
      })();
      await emulator.rtm.connected();
      await adapter.close();
      expect(await ended).toBe('ended');
      await eventually(
        () => emulator.rtm.connections.length === 0,
        () => 'the connection stays open',
      );
      expect(() => adapter.feed?.events(stop.signal)).toThrow(
        expect.objectContaining({ code: 'ERR_ABORTED' }),
      );
    });
  });

  test('survives events that cannot be read, and tells the log', async () => {
    await withStage({}, async ({ emulator, open }) => {
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) };
      const listening = listen(open({}, { log }));
      await emulator.rtm.connected();
      emulator.emit('message:send', { session_id: 42, fingerprint: 'x' });
      emulator.emit('session:set_state', { state: 'resolved' });
      emulator.visitor().say('still there');
      await heard(listening, 'still there');
      await eventually(
        () => warnings.length >= 2,
        () => 'the log was told nothing',
      );
      await listening.stop();
      expect(warnings).toEqual([
        expect.stringContaining('Crisp message:send: not a'),
        expect.stringContaining('Crisp session:set_state: not a'),
      ]);
    });
  });
});
