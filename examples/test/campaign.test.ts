import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chatinc } from '@parley/adapter-chatinc';
import { crisp } from '@parley/adapter-crisp';
import { web1on1 } from '@parley/adapter-web1on1';
import { type CampaignSpec, createBroadcast, type RunStatus, readCampaign } from '@parley/broadcast';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { startChatInc, startCrisp, startWeb1on1 } from '@parley/emulators';
import { type Program, root, start } from './program.js';

const exec = promisify(execFile);

const SOON = { approvalDelayMs: 0, sentWithinMs: 0, deliveredWithinMs: 0, readWithinMs: 0 };
const NO_LUCK_NEEDED = { sendErrorRate: 0, deliveryErrorRate: 0, deliveredRate: 1, readRate: 1 };

/** A bot with an account at every provider: at Crisp an operator's, which has campaigns, and a plugin's, which has none. */
async function startEverything() {
  const promo = await startChatInc({ ...SOON, ...NO_LUCK_NEEDED });
  const mail = await startCrisp({ tier: 'user' });
  const chat = await startCrisp({ tier: 'plugin' });
  const shop = await startWeb1on1({ whatsappWindow: true });
  const accountAt = ({ origin, credentials: { tier, identifier, key, websiteId: website } }: typeof mail) =>
    crisp({ tier, identifier, key, website, origin });
  const { token, secret } = shop.credentials;
  const accounts = {
    promo: chatinc({
      apiKey: promo.credentials.apiKey,
      baseUrl: `${promo.origin}/v1`,
      botBaseUrl: promo.origin,
    }),
    mail: accountAt(mail),
    chat: accountAt(chat),
    shop: web1on1({ token, secret, origin: shop.origin }),
  };
  const bot = createBot({ accounts, engine: memoryEngine({ maxAttempts: 1 }), log: silentLog });
  const broadcast = createBroadcast(bot, { log: silentLog });
  await bot.start();
  await broadcast.start();

  /** What people got through an account: the words, by the last digit of the phone number, which is also in the mail address. */
  const got: Record<keyof typeof accounts, () => Record<string, string[]>> = {
    promo: () => {
      const numbers = promo.campaigns().flatMap(({ runs }) => runs.flatMap(({ recipients }) => recipients));
      const unique = [...new Set(numbers.map(({ number }) => number))];
      return collect(unique.flatMap((number) => promo.received(number).map(({ text }) => [number, text])));
    },
    mail: () => collect([...mailsOf(mail), ...chatsOf(mail)]),
    chat: () => collect([...mailsOf(chat), ...chatsOf(chat)]),
    shop: () => {
      const said = shop.messages.list().filter(({ text }) => text !== undefined);
      const contacts = shop.contacts.list();
      return collect(
        said.map(({ conversation, meta }) => {
          const to = contacts.find((contact) => contact.conversation === conversation);
          return [to?.profile.telephone as string, filledIn(meta)];
        }),
      );
    },
  };
  return {
    emulators: { promo, mail, chat, shop },
    broadcast,
    got,
    async close() {
      await broadcast.stop();
      await bot.close();
      await Promise.all([promo, mail, chat, shop].map((emulator) => emulator.close()));
    },
  };
}

type Crisp = Awaited<ReturnType<typeof startCrisp>>;

function mailsOf(emulator: Crisp): string[][] {
  return emulator.campaignMails().map(({ email, message }) => [EMAILS[email] ?? '', message]);
}

function chatsOf(emulator: Crisp): string[][] {
  return emulator.conversations().flatMap(({ meta, messages }) =>
    messages.map(({ content }) => {
      const text = typeof content === 'string' ? content : (content as { text: string }).text;
      return [meta.phone as string, text];
    }),
  );
}

/** What WhatsApp makes of a template, of which Web1on1 knows id and variables only. */
function filledIn({ template, Name, Car }: Readonly<Record<string, unknown>>): string {
  if (template === '64c0ab12f0e1d20013bb7703')
    return 'Dear customer, our garage is open again. Come and have a look!';
  return `Hello ${String(Name)}, your ${String(Car)} is due for service. Shall we plan it for you?`;
}

/** Of people.csv, and one more. */
const EMAILS: Readonly<Record<string, string>> = {
  'noor@example.com': '1',
  'piet@example.com': '2',
  'sanne@example.com': '3',
  'ravi@example.com': '4',
  'mila@example.com': '5',
  'daan@example.com': '6',
};

function collect(messages: readonly (readonly string[])[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [to = '', text = ''] of messages) {
    const who = to.at(-1) ?? '';
    found[who] = [...(found[who] ?? []), text];
  }
  return found;
}

const OPTED_OUT = { name: 'Lotte', phone: '+31612340007', email: 'lotte@example.com' };
const MISTAKES = [
  { name: 'Nobody', phone: 'none', email: 'none' },
  { name: 'Piet', phone: '+31612340002', email: 'piet@example.com' },
  // In no row of orders.csv.
  { name: 'Daan', phone: '+31612340006', email: 'daan@example.com' },
  OPTED_OUT,
];

async function campaign(name: string): Promise<CampaignSpec> {
  const spec = await readCampaign(join(root, 'examples/campaign', `${name}.yaml`));
  return { ...spec, audience: [...spec.audience, { contacts: MISTAKES }] };
}

const figures = ({ recipients, excluded, counts, waiting, unknown, canceled }: RunStatus) => ({
  recipients,
  excluded,
  sent: counts.sent,
  failed: counts.failed ?? 0,
  waiting,
  unknown,
  canceled,
});

describe('one campaign file, by naming another account', () => {
  let everything: Awaited<ReturnType<typeof startEverything>>;
  beforeAll(async () => {
    everything = await startEverything();
    await everything.broadcast.suppressions.add(OPTED_OUT.phone);
  });
  afterAll(() => everything.close());

  const runAll = (spec: CampaignSpec): Promise<[string, RunStatus][]> => {
    const { broadcast, got } = everything;
    return Promise.all(
      Object.keys(got).map(async (account): Promise<[string, RunStatus]> => {
        const { id } = await broadcast.run({ ...spec, account }, { intent: account, skipBad: true });
        return [account, await broadcast.finished(id)];
      }),
    );
  };

  test('the same words to everybody: the reports agree, and are what people got', async () => {
    const ended = await runAll(await campaign('reopening'));
    expect(ended.map(([account, { via, state }]) => [account, via, state])).toEqual([
      ['promo', 'native', 'completed'],
      ['mail', 'native', 'completed'],
      ['chat', 'person', 'completed'],
      ['shop', 'person', 'completed'],
    ]);
    for (const [account, status] of ended) {
      expect([account, figures(status)]).toEqual([
        account,
        {
          recipients: 6,
          excluded: { bad_row: 1, missing_variable: 0, duplicate: 2, opted_out: 1 },
          sent: 6,
          failed: 0,
          waiting: 0,
          unknown: 0,
          canceled: 0,
        },
      ]);
    }
    const words = ['Dear customer, our garage is open again. Come and have a look!'];
    const six = { 1: words, 2: words, 3: words, 4: words, 5: words, 6: words };
    for (const got of Object.values(everything.got)) expect(got()).toEqual(six);
  });

  test('other words to everybody, and one whom each provider refuses: the reports agree as well', async () => {
    const { promo, mail, chat, shop } = everything.emulators;
    promo.notOnWhatsApp = ['+31612340003'];
    shop.faults.next({ kind: 'status', status: 422, body: { name: 'Unprocessable', message: 'no' } });
    const refusal = {
      kind: 'status',
      status: 400,
      body: { error: true, reason: 'invalid_data', data: {} },
    } as const;
    const route = 'POST /v1/website/:website/conversation/:session/message';
    for (const one of [mail, chat]) one.faults.next({ ...refusal, route });
    const before = Object.values(everything.got).map((got) => Object.values(got()).flat().length);

    const ended = await runAll(await campaign('service'));
    expect(ended.map(([account, { via, state }]) => [account, via, state])).toEqual([
      ['promo', 'native', 'completed'],
      ['mail', 'person', 'completed'],
      ['chat', 'person', 'completed'],
      ['shop', 'person', 'completed'],
    ]);
    for (const [account, status] of ended) {
      expect([account, figures(status)]).toEqual([
        account,
        {
          recipients: 5,
          excluded: { bad_row: 1, missing_variable: 1, duplicate: 2, opted_out: 1 },
          sent: 4,
          failed: 1,
          waiting: 0,
          unknown: 0,
          canceled: 0,
        },
      ]);
    }
    const cars = { 1: 'Noor van', 2: 'Piet Fiat', 3: 'Sanne Volvo', 4: 'Ravi tractor', 5: 'Mila moped' };
    for (const [index, got] of Object.values(everything.got).entries()) {
      const all = Object.entries(got());
      expect(all.flatMap(([, texts]) => texts)).toHaveLength((before[index] ?? 0) + 4);
      for (const [who, texts] of all) {
        const [name, car] = (cars[who as unknown as keyof typeof cars] ?? '').split(' ');
        const words = `Hello ${name}, your ${car} is due for service. Shall we plan it for you?`;
        for (const text of texts.slice(1)) expect(text.split('\n')[0]).toBe(words);
      }
    }
  });
});

describe('the two commands of the example', () => {
  let emulators: Program;
  beforeAll(async () => {
    const projects = ['examples', 'packages/cli'];
    await exec(join(root, 'node_modules/.bin/tsc'), ['-b', ...projects], { cwd: root });
    emulators = start('campaign-emulators.js');
    await emulators.prints('What people get:');
  });
  afterAll(async () => {
    await emulators.close();
    await rm(join(root, 'examples/campaign/data'), { recursive: true, force: true });
  });

  test.each([
    ['promo', 'Chat Inc'],
    ['mail', 'Crisp'],
    ['shop', 'Web1on1'],
  ])(
    'the campaign goes out by %s, and the first terminal shows what people get',
    async (account, provider) => {
      const campaigns = join(root, 'examples/campaign');
      const told = [
        '--config',
        join(campaigns, 'parley.config.ts'),
        '--account',
        account,
        '--intent',
        account,
      ];
      const parley = join(root, 'packages/cli/dist/main.js');
      const command = [
        parley,
        'campaign',
        'run',
        join(campaigns, 'service.yaml'),
        '--yes',
        '--json',
        ...told,
      ];
      const { stdout } = await exec(process.execPath, command);
      const { state, recipients, excluded, counts } = JSON.parse(stdout) as RunStatus;
      expect([state, recipients, excluded.duplicate, counts.sent]).toEqual(['completed', 5, 1, 5]);
      expect(await emulators.prints(new RegExp(`^${provider} +\\+31612340004  .*Ravi.*tractor`, 'm'))).toBe(
        true,
      );
    },
    60_000,
  );
});
