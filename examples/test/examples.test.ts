import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { crisp } from '@parley/adapter-crisp';
import { type Web1on1Options, web1on1 } from '@parley/adapter-web1on1';
import { createBot, silentLog, type TalkingBot } from '@parley/core';
import {
  startCrisp,
  startWeb1on1,
  type Web1on1Emulator,
  type Web1on1EmulatorOptions,
} from '@parley/emulators';
import { type ServedBot, serve } from '@parley/server';
import { fakeAdapter } from '@parley/testing';
import { addReminderAnswers, type ReminderSession, remind } from '../src/appointment-reminder.js';
import { addGreeter } from '../src/greet-and-help.js';
import { createTwoAccountBot } from '../src/two-accounts.js';
import { closeShop, openShop, renameShop, usersAt } from '../src/users-and-organizations.js';
import type { LoggedAnswer } from '../src/whatsapp-log.js';
import { ENGINES, type Engines } from './engines.js';

/** Those that the tests run on at the moment. */
let engines: Engines;

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function emulate(options?: Web1on1EmulatorOptions): Promise<Web1on1Emulator> {
  const emulator = await startWeb1on1(options);
  open.push(emulator);
  return emulator;
}

function optionsOf({ credentials }: Web1on1Emulator): Web1on1Options {
  const { origin, token, refreshToken, botEmail: email, secret } = credentials;
  return { origin, token, refreshToken, email, secret };
}

async function listen(bot: ServedBot): Promise<string> {
  const server = await serve(bot, { port: 0 });
  open.push(server);
  return server.origin;
}

/** The bot behind a real port, with its webhook registered at the emulator. */
async function connect(
  emulator: Web1on1Emulator,
  ...features: ((bot: TalkingBot<ReminderSession>) => void)[]
) {
  const engine = await engines.make();
  const session = { initial: (): ReminderSession => ({}) };
  const accounts = { leads: web1on1(optionsOf(emulator)) };
  const bot = createBot({ accounts, engine, session, log: silentLog });
  for (const feature of features) feature(bot);
  await emulator.subscribe({ url: `${await listen(bot)}/webhooks/leads` });
  return bot;
}

/** Waits for something that the emulator will see. Real time, because real sockets are in between. */
async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not seen within 30 s: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const noor = { name: 'Noor Visser', telephone: '+31655501234', channel: 'whatsapp' };

describe.each(ENGINES)('on %s', (_name, openEngines) => {
  beforeAll(async () => {
    engines = await openEngines();
  });
  afterAll(() => engines.close());

  describe('greet and help', () => {
    test('takes a button for pressed that arrives as words', async () => {
      const emulator = await emulate({ quickReplies: 'chat' });
      await connect(emulator, addGreeter);
      const person = await emulator.contact(noor);

      person.say('Hi');
      await person.next();
      expect(person.press('hours').text).toBe('Opening hours');
      expect((await person.next()).text).toMatch(/8 am to 6 pm/);
    });

    test('runs as it is at a provider without buttons: the menu is a list, and 1 presses the first', async () => {
      const provider = fakeAdapter({ accepts: { text: {} } });
      const engine = await engines.make();
      const bot = createBot({ accounts: { elsewhere: provider }, engine, log: silentLog });
      provider.deliverTo((request) => bot.webhook('elsewhere', request));
      addGreeter(bot);
      open.push(bot);
      await bot.start();

      await provider.says('Hello');
      await until(() => provider.texts.length === 1);
      expect(provider.texts[0]).toContain('\n1. Opening hours\n2. Talk to a person\nOur website: https://');
      await provider.says('1');
      await until(() => provider.texts.length === 2);
      expect(provider.texts[1]).toMatch(/8 am to 6 pm/);
    });
  });

  describe('the appointment reminder', () => {
    const template = { id: '64c0ab12f0e1d20013bb7702', name: 'service_reminder' };
    const appointment = {
      id: '42',
      name: 'Noor Visser',
      phone: '+31655501234',
      licencePlate: 'GT-482-K',
      location: 'Utrecht',
      time: 'Tuesday, 3.15 pm',
    };

    test('sets licence plate and location, sends the template once, and lets go', async () => {
      const emulator = await emulate();
      const bot = await connect(emulator, addReminderAnswers);

      const id = await remind(bot, 'leads', appointment, template);
      const again = await remind(bot, 'leads', appointment, template);
      expect(again).toBe(id);

      const conversation = emulator.conversations.list()[0];
      expect(id).toBe(`leads:${conversation?.id}`);
      expect(conversation).toMatchObject({ name: 'Noor Visser', touchpoint: 'whatsapp', status: 'active' });
      const contents = emulator.messages.list().map(({ type, text, meta }) => ({ type, text, meta }));
      expect(contents).toMatchObject([
        { type: 'field', text: '.licenceplate GT-482-K' },
        { type: 'field', text: '.location Utrecht' },
        {
          type: 'chat',
          text: 'service_reminder',
          meta: { template: template.id, PlanTime: 'Tuesday, 3.15 pm' },
        },
      ]);
      expect(emulator.journal.requests({ method: 'POST', path: '/v2/conversations' })).toHaveLength(1);

      emulator.clock.advance(3000);
      expect(emulator.conversations.get(conversation?.id ?? '')?.status).toBe('closed');
    });

    test('confirms the appointment when the customer does', async () => {
      const emulator = await emulate();
      const bot = await connect(emulator, addReminderAnswers);
      await remind(bot, 'leads', appointment, template);
      emulator.clock.advance(3000);
      const person = await emulator.contact(noor);
      expect((await person.next()).text).toBe('service_reminder');

      person.say('Yes, fine');
      expect((await person.next()).text).toBe('Thank you, see you on Tuesday, 3.15 pm!');
      const conversation = () => emulator.conversations.get(person.conversationId);
      await until(() => conversation()?.status === 'closed');
      expect(conversation()?.meta).toEqual({ appointment: 'confirmed' });
    });

    test('calls a colleague when the customer wants another time', async () => {
      const emulator = await emulate();
      const bot = await connect(emulator, addReminderAnswers);
      await remind(bot, 'leads', appointment, template);
      emulator.clock.advance(3000);
      const person = await emulator.contact(noor);
      await person.next();

      person.press('another-time');
      expect((await person.next()).text).toMatch(/another time/);
      await until(() => emulator.conversations.get(person.conversationId)?.status === 'queued');
      const notes = emulator.messages.list().filter(({ isBackchannel }) => isBackchannel);
      expect(notes.map(({ text }) => text)).toEqual([
        'The appointment of GT-482-K, Tuesday, 3.15 pm, has to be moved.',
      ]);
    });
  });

  describe('users and organizations', () => {
    test('are created, listed, changed and deleted with the token of an administrator', async () => {
      const emulator = await emulate({ maxLimit: 2, rateLimit: false });
      const { origin, adminToken, adminRefreshToken, adminEmail } = emulator.credentials;
      const admin = web1on1({
        origin,
        token: adminToken,
        refreshToken: adminRefreshToken,
        email: adminEmail,
      });
      const engine = await engines.make();
      const bot = createBot({ accounts: { office: admin }, engine, log: silentLog });
      open.push(bot);
      const { api } = bot.accounts.office;
      const group = emulator.resource('organizations').list()[0]?.id ?? '';

      const agent = { name: 'Sanne', email: 'sanne@garage.example' };
      const { organization, user } = await openShop(api, { group, shop: 'Utrecht', agent });
      expect(emulator.resource('organizations').get(organization.id)).toMatchObject({
        name: 'Utrecht',
        parent: group,
      });
      expect(emulator.resource('users').get(user.id)).toMatchObject({ email: agent.email });
      for (const name of ['Ada', 'Bo', 'Cas']) {
        await api.users.create({ displayName: name, email: `${name.toLowerCase()}@garage.example` });
      }
      const found = await usersAt(api, 'garage.example');
      expect(found.map(({ displayName }) => displayName)).toEqual(['Ada', 'Bo', 'Cas', 'Sanne']);

      await renameShop(api, organization.id, 'Utrecht Centre');
      expect(emulator.resource('organizations').get(organization.id)).toMatchObject({
        name: 'Utrecht Centre',
        parent: group,
      });

      await closeShop(api, organization.id);
      expect(emulator.resource('organizations').get(organization.id)).toBeUndefined();
      expect(emulator.resource('users').get(user.id)).toBeUndefined();
      expect(await usersAt(api, 'garage.example')).toHaveLength(3);
    });

    test('are refused to a bot before anything is sent', async () => {
      const emulator = await emulate();
      const accounts = { leads: web1on1(optionsOf(emulator)) };
      const bot = createBot({ accounts, engine: await engines.make(), log: silentLog });
      open.push(bot);
      const before = emulator.journal.entries.length;

      const refused = renameShop(bot.accounts.leads.api, emulator.credentials.organization, 'Mine');
      await expect(refused).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
      expect(emulator.journal.entries).toHaveLength(before);
    });
  });

  describe('two accounts', () => {
    test('of two providers share a bot, and each answer goes out through the account it belongs to', async () => {
      const [northern, southern] = [await emulate(), await startCrisp()];
      open.push(southern);
      const { tier, identifier, key, websiteId: website, origin } = southern.credentials;
      const logged: LoggedAnswer[] = [];
      const accounts = {
        north: web1on1(optionsOf(northern)),
        south: crisp({ tier, identifier, key, website, origin }),
      };
      const bot = createTwoAccountBot(accounts, (answer) => logged.push(answer), await engines.make());
      await northern.subscribe({ url: `${await listen(bot)}/webhooks/north` });

      const ada = await northern.contact({ name: 'Ada', telephone: '+31655500001', channel: 'whatsapp' });
      const bo = southern.visitor({ nickname: 'Bo', origin: 'urn:crisp.im:whatsapp:0' });
      ada.say('Hello');
      bo.say('Hello');
      expect((await ada.next()).text).toMatch(/^Hello Ada!/);
      expect((await bo.next()).content).toMatchObject({ text: expect.stringMatching(/^Hello Bo!/) });

      ada.say('parking');
      bo.say('parking');
      expect((await ada.next()).text).toMatch(/did not understand/);
      expect((await bo.next()).content).toMatch(/behind the building/);

      expect(ada.received).toHaveLength(2);
      expect(bo.received).toHaveLength(2);
      expect(logged.map(({ account, text }) => `${account}: ${text}`).sort()).toEqual([
        'north: Hello',
        'north: parking',
        'south: Hello',
        'south: parking',
      ]);
    });
  });
});
