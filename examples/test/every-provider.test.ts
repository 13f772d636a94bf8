import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createBot, silentLog, type TalkingBot } from '@parley/core';
import { eventually } from '@parley/testing';
import { addGreeter } from '../src/greet-and-help.js';
import { addRepairStatus, type RepairSession } from '../src/repair-status.js';
import { addWhatsAppLog, type LoggedAnswer, toJsonLines } from '../src/whatsapp-log.js';
import { ENGINES, type Engines } from './engines.js';
import { CRISP_BY_HOOK, CRISP_BY_SOCKET, type Place, type Provider, WEB1ON1 } from './providers.js';

/** Every engine and every provider; not each with each, where a third adds nothing. */
const PROVIDERS: Record<string, readonly Provider[]> = {
  memory: [WEB1ON1, CRISP_BY_SOCKET, CRISP_BY_HOOK],
  sqlite: [WEB1ON1, CRISP_BY_SOCKET],
  postgres: [WEB1ON1, CRISP_BY_SOCKET],
};
const PLACES = ENGINES.map(
  ([engine, openEngines]) =>
    [engine, openEngines, (PROVIDERS[engine] ?? []).map((provider) => [provider.name, provider])] as const,
);

type RepairBot = TalkingBot<RepairSession>;

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

describe.each(PLACES)('on %s', (_engine, openEngines, providers) => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await openEngines();
  });
  afterAll(() => engines.close());

  describe.each(providers as [string, Provider][])('at %s', (_provider, provider) => {
    /** A bot with these features, at the provider. */
    async function placeOf(...features: ((bot: RepairBot) => void)[]): Promise<Place<RepairBot>> {
      const engine = await engines.make();
      const session = { initial: (): RepairSession => ({}) };
      const place = await provider.open(({ adapter }) => {
        const bot = createBot({ accounts: { leads: adapter }, engine, session, log: silentLog });
        for (const feature of features) feature(bot);
        return bot;
      });
      open.push(place);
      return place;
    }

    describe('greet and help', () => {
      test('greets by name, with buttons, and answers the one that is pressed', async () => {
        const noor = await (await placeOf(addGreeter)).person('Noor Visser');
        await noor.says('Hello there');
        const { buttons } = await noor.expect('Hello Noor Visser! What can I do for you?');
        expect(buttons.map(({ label }) => label)).toEqual([
          'Opening hours',
          'Talk to a person',
          'Our website',
        ]);
        await noor.presses('Opening hours');
        await noor.expect('We are open from Monday to Saturday, 8 am to 6 pm.');
        await noor.expectNothing();
      });

      test('offers help to whoever it does not understand', async () => {
        const noor = await (await placeOf(addGreeter)).person('Noor Visser');
        await noor.says('Blue');
        await noor.expect('Sorry, I did not understand that.');
        await noor.says('help');
        await noor.expect('This is what I can do.');
      });

      test('fetches a colleague, and is quiet once one has taken the conversation', async () => {
        const { bot, person } = await placeOf(addGreeter);
        const noor = await person('Noor Visser');
        const id = `leads:${noor.conversation}`;
        await noor.says('I want a human');
        await noor.expect(/^One moment/);
        await noor.expectNothing();
        const { conversations, messages } = bot.accounts.leads ?? {};
        expect((await conversations?.get(id))?.status).toBe('pending');
        const notes: unknown[] = [];
        for await (const { note, content } of messages?.list?.(id) ?? []) if (note) notes.push(content);
        expect(notes).toContainEqual({ kind: 'text', text: 'The customer asked for a person.' });

        await noor.says('Is anybody there?');
        await noor.expectNothing();
        const sanne = await noor.colleague('Sanne');
        sanne.takes();
        sanne.says('Hi Noor, Sanne here.');
        await noor.expect('Hi Noor, Sanne here.');
        await noor.says('Hello Sanne');
        await noor.expectNothing();
      });
    });

    describe('the repair status', () => {
      const plate = 'KX-901-P';
      const workshop = async (asked: string) => `${asked === plate ? 'is' : 'may be'} ready.`;

      test('remembers which car it is about', async () => {
        const noor = await (await placeOf((bot) => addRepairStatus(bot, workshop))).person('Noor Visser');
        await noor.says('What will it cost?');
        await noor.expect('The bill for your car comes by e-mail.');
        await noor.says('It is about kx-901-p');
        await noor.expect('Thank you, I have written down KX-901-P.');
        await noor.says('What will it cost?');
        await noor.expect('The bill for KX-901-P comes by e-mail.');
        await noor.says('Are you still there?');
        await noor.expect('I am, and so is KX-901-P.');
      });

      test('says once that it asks, and asks until it has an answer, and then no more', async () => {
        let [asked, failures] = [0, 1];
        const { person } = await placeOf((bot) => {
          addRepairStatus(bot, async (licencePlate) => {
            asked += 1;
            if (asked < 3) throw new Error('nobody picks up');
            return workshop(licencePlate);
          });
          bot.outgoing(({ content }, next) => {
            if (content.kind !== 'text' || !content.text.startsWith('The workshop')) return next();
            failures -= 1;
            if (failures >= 0) throw new Error('the answer is there, and the turn fails');
            return next();
          });
        });
        const noor = await person('Noor Visser');
        await noor.says(plate);
        await noor.says('Is it ready?');
        await noor.expect('Thank you, I have written down KX-901-P.');
        await noor.expect('One moment, please. I am asking the workshop.');
        await noor.expect('The workshop says that KX-901-P is ready.');
        await noor.expectNothing();
        expect([asked, failures]).toEqual([3, -1]);
      });

      test('reminds when it is time, and answers meanwhile', async () => {
        const { person } = await placeOf((each) => addRepairStatus(each, workshop, '300ms'));
        const noor = await person('Noor Visser');
        await noor.says('Please remind me');
        await noor.expect('I will.');
        await noor.says('Are you still there?');
        // Which comes first depends on the machine, and a bot whose reminder is not due yet counts as at rest.
        await eventually(
          () => noor.transcript.includes('do not forget'),
          () => `the reminder has not come\n${noor.transcript}`,
          30_000,
        );
        const texts = [await noor.expect(/./), await noor.expect(/./)].map(({ text }) => text);
        expect(texts.sort()).toEqual([
          'I am, and so is your car.',
          'Please do not forget to fetch your car.',
        ]);
      });
    });

    describe('the WhatsApp log', () => {
      test('has what people write on WhatsApp, and nothing else', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'parley-'));
        open.push({ close: () => rm(folder, { recursive: true }) });
        const path = join(folder, 'answers.jsonl');
        const { person } = await placeOf(addGreeter, (bot) => addWhatsAppLog(bot, toJsonLines(path)));
        const [noor, other] = [await person('Noor Visser', 'whatsapp'), await person('Bo', 'sms')];
        await other.says('Hello by SMS');
        await other.expect(/^Hello Bo/);
        await noor.says('Hello by WhatsApp');
        await noor.expect(/^Hello Noor/);
        await noor.presses('Opening hours');
        await noor.expect(/8 am/);
        await noor.expectNothing();

        const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
        const conversation = `leads:${noor.conversation}`;
        const at = expect.stringMatching(/Z$/);
        expect(lines.map((line) => JSON.parse(line) as LoggedAnswer)).toEqual([
          { at, account: 'leads', conversation, text: 'Hello by WhatsApp' },
          { at, account: 'leads', conversation, text: 'Opening hours', choice: 'hours' },
        ]);
      });

      test('has everything once, whatever fails: the log itself, or a handler beside it', async () => {
        const written: string[] = [];
        const failures = { log: 2, other: 2 };
        const { person } = await placeOf(
          (bot) =>
            addWhatsAppLog(bot, ({ text }) => {
              failures.log -= 1;
              if (failures.log >= 0) throw new Error('the disk is full');
              written.push(text);
            }),
          (bot) =>
            bot.hears('two', async (turn) => {
              failures.other -= 1;
              if (failures.other >= 0) throw new Error('the calendar does not answer');
              await turn.say('done');
            }),
        );
        const noor = await person('Noor Visser', 'whatsapp');
        await noor.says('one');
        await noor.says('two');
        await noor.expect('done');
        expect(failures).toEqual({ log: -2, other: -1 });
        expect(written).toEqual(['one', 'two']);
      });
    });
  });
});
