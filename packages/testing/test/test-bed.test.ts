import { afterEach, describe, expect, test } from '@jest/globals';
import { crisp } from '@parley/adapter-crisp';
import { web1on1 } from '@parley/adapter-web1on1';
import { type AdapterDefinition, createBot, memoryEngine, silentLog, type TalkingBot } from '@parley/core';
import type { CrispEmulator, Faults } from '@parley/emulators';
import { type Bed, type BotClient, type CrispBedOptions, crispBed, web1on1Bed } from '../src/index.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type MakeBot = (leads: AdapterDefinition) => TalkingBot;
type AnyBed = Bed<TalkingBot, { readonly origin: string; readonly faults: Faults }> & {
  client(who: string, options?: { name?: string; timeoutMs?: number }): Promise<BotClient>;
};

const crispBy = (hears?: CrispBedOptions['hears']) => (makeBot: MakeBot) =>
  crispBed((account) => makeBot(crisp({ ...account, storedWithinMs: 500 })), { ...(hears && { hears }) });

const BEDS: [name: string, send: string, open: (makeBot: MakeBot) => Promise<AnyBed>][] = [
  [
    'Web1on1',
    'POST /v2/conversations/:id/messages',
    (makeBot) => web1on1Bed((account) => makeBot(web1on1(account))),
  ],
  ['Crisp by socket', 'POST /v1/website/:website/conversation/:session/message', crispBy()],
  ['Crisp by hook', 'POST /v1/website/:website/conversation/:session/message', crispBy('hook')],
];

function talkingBot(leads: AdapterDefinition): TalkingBot {
  const bot = createBot({
    accounts: { leads },
    engine: memoryEngine({ backoffMs: 10, lookUpAfterMs: 20 }),
    log: silentLog,
  }) as TalkingBot;
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
}

describe.each(BEDS)('a person in a test bed: %s', (_name, sending, openBed) => {
  async function aBed(): Promise<AnyBed> {
    const bed = await openBed(talkingBot);
    open.push(bed);
    return bed;
  }

  test('talks with the bot over real sockets, presses buttons, and sees everything in order', async () => {
    const noor = await (await aBed()).client('+31600000000', { name: 'noor' });
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
    const noor = await (await aBed()).client('+31600000000', { name: 'noor' });
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

  test('sends a picture', async () => {
    const bed = await aBed();
    bed.bot.on('message.received', { content: 'media' }, (turn) => turn.say('Nice picture.'));
    const noor = await bed.client('+31600000000');
    await noor.sends('https://example.com/cat.png', 'image/png');
    await noor.expect('Nice picture.');
  });

  test.each(['status-after', 'drop-after', 'status', 'drop-before'] as const)(
    'sees a message once when the provider answers 503 or not at all: %s',
    async (kind) => {
      const bed = await aBed();
      const noor = await bed.client('+31600000000', { name: 'noor', timeoutMs: 20_000 });
      bed.emulator.faults.next({ kind, status: 503, route: sending });
      await noor.says('hi');
      await noor.expect('Hello!');
      await noor.expect(/call you/);
      await noor.expectNothing();
    },
  );

  test('is one of several, each in a conversation of their own', async () => {
    const bed = await aBed();
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

describe('a test bed', () => {
  test('leaves nothing open when the bot cannot be made', async () => {
    for (const openBed of [web1on1Bed, crispBed]) {
      let origin = '';
      const failing = openBed((account) => {
        origin = account.origin;
        throw new Error('no such bot');
      });
      await expect(failing).rejects.toThrow('no such bot');
      await expect(fetch(origin)).rejects.toThrow();
    }
  });

  test('names the account that the bot does not have', async () => {
    const elsewhere = web1on1({ token: 'none', origin: 'http://127.0.0.1:1' });
    await expect(crispBed(() => talkingBot(elsewhere))).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });
});

describe('a visitor of Crisp in a test bed', () => {
  async function socketBed() {
    const bed = await crispBed((account) => talkingBot(crisp(account)));
    open.push(bed);
    return bed;
  }
  const takenOver = ({ operator }: CrispEmulator, sessionId: string) =>
    operator({ name: 'Sam' }).take(sessionId);

  test('is known by e-mail address, or by name alone', async () => {
    const bed = await socketBed();
    bed.bot.fallback((turn) => turn.say(`You are ${turn.contactName}`));
    const [ada, bo] = [await bed.client('ada@client.test'), await bed.client('Bo')];
    await ada.says('who am I?');
    await ada.expect('You are ada');
    await bo.says('who am I?');
    await bo.expect('You are Bo');
    expect(bo.transcript).toContain(' Bo > who am I?');
    expect(bed.emulator.people().map(({ email }) => email)).toEqual(['ada@client.test']);
  });

  test('loses nothing where the socket is cut, and nothing is taken for rest meanwhile', async () => {
    const bed = await socketBed();
    const ada = await bed.client('Ada');
    bed.emulator.rtm.drop();
    await ada.says('hi');
    await ada.expect('Hello!');
    await ada.expect(/call you/);
    await ada.expectNothing();
  });

  test('is answered to what others do, which the bed waits for as well', async () => {
    const bed = await socketBed();
    bed.bot.on('conversation.assigned', (turn) => turn.say('Sam takes care of it.'));
    const heard: string[] = [];
    bed.bot.on('*', (turn) => heard.push(turn.event.native));
    const ada = await bed.client('Ada');
    await ada.says('what else?');
    await ada.expectNothing();
    takenOver(bed.emulator, bed.emulator.conversations()[0]?.session_id ?? '');
    await ada.expect('Sam takes care of it.');
    await ada.expectNothing();
    expect(heard).not.toContain('plugin:event');
  });

  test('is not waited for where the bot is never connected', async () => {
    const failing = crispBed((account) => talkingBot(crisp({ ...account, key: 'another' })));
    await expect(failing).rejects.toThrow(/did not connect to the realtime API/);
  });
});
