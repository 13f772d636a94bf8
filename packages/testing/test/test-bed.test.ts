import { afterEach, describe, expect, test } from '@jest/globals';
import { web1on1 } from '@parley/adapter-web1on1';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { type Web1on1Bed, web1on1Bed } from '../src/index.js';

let bed: Web1on1Bed;
afterEach(() => bed?.close());

async function aBed() {
  bed = await web1on1Bed((account) => {
    const bot = createBot({
      accounts: { leads: web1on1(account) },
      engine: memoryEngine({ backoffMs: 10, lookUpAfterMs: 20 }),
      log: silentLog,
    });
    bot.hears(/^hi/, async (turn) => {
      await turn.say('Hello!');
      await turn.say({
        kind: 'choices',
        text: 'Shall we call you?',
        choices: [
          { type: 'postback', label: 'Yes', value: 'CALL_YES' },
          { type: 'postback', label: 'No', value: 'CALL_NO' },
        ],
      });
    });
    bot.on('message.received', { content: 'choice' }, (turn) => turn.say(`You chose ${turn.choice?.value}`));
    return bot;
  });
  return bed;
}

describe('a person in a test bed', () => {
  test('talks with the bot over real HTTP, presses buttons, and sees everything in order', async () => {
    await aBed();
    const noor = await bed.client('+31600000000', { name: 'noor' });
    await noor.says('hi there');
    await noor.expect('Hello!');
    expect((await noor.expect(/call you/)).buttons.map(({ label }) => label)).toEqual(['Yes', 'No']);
    await noor.presses('Yes');
    await noor.expect(/CALL_YES/);
    await noor.says('what else?');
    await noor.expectNothing();
    expect(noor.transcript.split('\n')).toEqual([
      'noor > hi there',
      ' bot < Hello!',
      ' bot < Shall we call you? [Yes] [No]',
      'noor > [Yes]',
      ' bot < You chose CALL_YES',
      'noor > what else?',
    ]);
  });

  test('is shown the conversation when an expectation fails', async () => {
    await aBed();
    const noor = await bed.client('+31600000000', { name: 'noor' });
    await noor.says('what else?');
    await expect(noor.expect('Hello!')).rejects.toThrow(
      'Expected "Hello!", and nothing came.\n\nThe conversation so far:\nnoor > what else?',
    );
    await noor.says('hi');
    await expect(noor.expect('Goodbye!')).rejects.toThrow(
      /the next message was Hello!\n\n[^]*noor > hi\n bot < Hello!/,
    );
    await expect(noor.expectNothing()).rejects.toThrow(/there came Shall we call you\? \[Yes\] \[No\]/);
    await expect(noor.presses('Maybe')).rejects.toThrow('There is no button "Maybe" to press.');
  });

  test.each(['status-after', 'drop-after', 'status', 'drop-before'] as const)(
    'sees a message once when the provider answers 503 or not at all: %s',
    async (kind) => {
      await aBed();
      const noor = await bed.client('+31600000000', { name: 'noor', timeoutMs: 20_000 });
      const route = 'POST /v2/conversations/:id/messages';
      bed.emulator.faults.next({ kind, status: 503, route });
      await noor.says('hi');
      await noor.expect('Hello!');
      await noor.expect(/call you/);
      await noor.expectNothing();
    },
  );

  test('leaves nothing open when the bot cannot be made', async () => {
    let origin = '';
    const failing = web1on1Bed((account) => {
      origin = account.origin;
      throw new Error('no such bot');
    });
    await expect(failing).rejects.toThrow('no such bot');
    await expect(fetch(origin)).rejects.toThrow();
  });

  test('is one of several, each in a conversation of their own', async () => {
    await aBed();
    const people = await Promise.all(
      ['+31600000001', '+31600000002', '+31600000003'].map((at) => bed.client(at)),
    );
    await Promise.all(people.map((person) => person.says('hi')));
    for (const person of people) {
      await person.expect('Hello!');
      await person.expect(/call you/);
      await person.expectNothing();
    }
  });
});
