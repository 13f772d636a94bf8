import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '@parley/config';
import { createBot, type Id, silentLog, type TalkingBot } from '@parley/core';
import { addGreeter } from '../src/greet-and-help.js';
import { root } from './program.js';
import { CRISP_BY_HOOK, CRISP_BY_SOCKET, type Person, type Provider, WEB1ON1 } from './providers.js';

const MENU = '[Opening hours] [Talk to a person] [Our website]';

/** What is heard and said, in neutral words: the same at every provider. */
const TRANSCRIPT = [
  'heard message.received from contact Noor Visser, text: Hello',
  'heard message.sent from bot, choices: Hello Noor Visser! What can I do for you?',
  `Noor sees: Hello Noor Visser! What can I do for you? ${MENU}`,
  'heard message.received from contact Noor Visser, choice hours: Opening hours',
  'heard message.sent from bot, text: We are open from Monday to Saturday, 8 am to 6 pm.',
  'Noor sees: We are open from Monday to Saturday, 8 am to 6 pm.',
  'the conversation is open, bot speaks',
  'heard message.received from contact Noor Visser, text: Blue',
  'heard message.sent from bot, choices: Sorry, I did not understand that.',
  `Noor sees: Sorry, I did not understand that. ${MENU}`,
  'heard message.received from contact Noor Visser, text: help',
  'heard message.sent from bot, choices: This is what I can do.',
  `Noor sees: This is what I can do. ${MENU}`,
  // Typed, and taken for the button.
  'heard message.received from contact Noor Visser, choice hours: opening hours',
  'heard message.sent from bot, text: We are open from Monday to Saturday, 8 am to 6 pm.',
  'Noor sees: We are open from Monday to Saturday, 8 am to 6 pm.',
  'heard message.received from contact Noor Visser, choice person: Talk to a person',
  'heard message.sent from bot, text: One moment, please. I am calling a colleague.',
  'Noor sees: One moment, please. I am calling a colleague.',
  'the conversation is pending, human speaks',
  'heard message.received from contact Noor Visser, text: Is anybody there?',
  'heard message.sent from agent Sanne, text: Hi Noor, Sanne here.',
  'Noor sees: Hi Noor, Sanne here.',
  'heard message.received from contact Noor Visser, text: Hello Sanne',
  'the conversation is open, human speaks',
  'the conversation is closed, bot speaks',
  'heard message.received from contact Noor Visser, text: Hello',
  'heard message.sent from bot, choices: Hello Noor Visser! What can I do for you?',
  `Noor sees: Hello Noor Visser! What can I do for you? ${MENU}`,
  'colleagues read: The customer asked for a person.',
];

let folder: string;
beforeAll(async () => {
  // The config files name packages, which are imported as they are built.
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-'));
  await symlink(join(root, 'examples/node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same for every provider. */
async function makeBot(env: Record<string, string>, note: (line: string) => void): Promise<TalkingBot> {
  const bot = createBot({ ...(await loadConfig({ cwd: folder, env })), log: silentLog });
  addGreeter(bot);
  for (const name of ['message.received', 'message.sent'] as const) {
    bot.on(name, ({ message, text, choice, contactName }) => {
      const { author, content } = message;
      const who = author.role === 'contact' ? contactName : author.name;
      const from = author.self === true || who === undefined ? author.role : `${author.role} ${who}`;
      note(
        `heard ${name} from ${from}, ${choice === undefined ? content.kind : `choice ${choice.value}`}: ${text}`,
      );
    });
  }
  return bot;
}

async function play({ open }: Provider): Promise<string[]> {
  const lines: string[] = [];
  let id: Id = '';
  let control = '';
  const place = await open(({ env }) => makeBot(env, (line) => lines.push(line)));
  place.bot.on('*', (turn) => {
    if (turn.conversationId === undefined) return;
    ({ control } = turn);
    id = turn.conversationId;
  });
  const { conversations, messages } = place.bot.accounts.leads ?? {};
  const sees = async (noor: Person, words: RegExp): Promise<void> => {
    const { text, buttons } = await noor.expect(words);
    // Only then has the bot heard of its own message as well.
    await noor.expectNothing();
    lines.push(['Noor sees:', text, ...buttons.map(({ label }) => `[${label}]`)].join(' '));
  };
  const status = async (): Promise<void> => {
    lines.push(`the conversation is ${(await conversations?.get(id))?.status}, ${control} speaks`);
  };
  try {
    const noor = await place.person('Noor Visser');
    await noor.says('Hello');
    await sees(noor, /What can I do for you/);
    await noor.presses('Opening hours');
    await sees(noor, /8 am/);
    await status();
    await noor.says('Blue');
    await sees(noor, /did not understand/);
    await noor.says('help');
    await sees(noor, /what I can do/);
    await noor.says('opening hours');
    await sees(noor, /8 am/);
    await noor.presses('Talk to a person');
    await sees(noor, /One moment/);
    await status();
    await noor.says('Is anybody there?');
    await noor.expectNothing();

    const sanne = await noor.colleague('Sanne');
    sanne.takes();
    sanne.says('Hi Noor, Sanne here.');
    await sees(noor, /Sanne here/);
    await noor.says('Hello Sanne');
    await noor.expectNothing();
    await status();
    sanne.closes();
    await noor.expectNothing();
    await status();

    await noor.says('Hello');
    await sees(noor, /What can I do for you/);
    for await (const { note, author, content } of messages?.list?.(id) ?? []) {
      // Web1on1 keeps its commands, such as /notify, where the notes are.
      const words = note && author.self && content.kind === 'text' ? content.text : '/';
      if (!words.startsWith('/')) lines.push(`colleagues read: ${words}`);
    }
    return lines;
  } finally {
    await place.close();
  }
}

test.each([
  [WEB1ON1.name, WEB1ON1, (config: string) => config],
  [CRISP_BY_SOCKET.name, CRISP_BY_SOCKET, (config: string) => config],
  [CRISP_BY_HOOK.name, CRISP_BY_HOOK, (config: string) => config.replace('# secret:', 'secret:')],
])(
  'the same bot has the same conversation, and only the config differs: %s',
  async (_name, provider, edit) => {
    const config = edit(await readFile(join(root, 'examples', provider.config), 'utf8'));
    await writeFile(join(folder, 'parley.config.yaml'), config.replace('bot.db', `${provider.name}.db`));
    expect(await play(provider)).toEqual(TRANSCRIPT);
  },
);
