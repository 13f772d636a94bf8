import { mkdir, rm, writeFile } from 'node:fs/promises';
import { setInterval } from 'node:timers/promises';
import { startChatInc, startCrisp, startWeb1on1 } from '@parley/emulators';

// Three providers on this machine, for the campaigns in examples/campaign. Shows what people get, until Ctrl-C.
const data = new URL('../campaign/data/', import.meta.url);
const quick = { approvalDelayMs: 2000, sentWithinMs: 2000, deliveredWithinMs: 3000, readWithinMs: 4000 };
const reliable = { sendErrorRate: 0, deliveryErrorRate: 0 };
const chatinc = await startChatInc({ ...quick, ...reliable });
const crisp = await startCrisp({ tier: 'user' });
// As WhatsApp does: a template reaches everybody, other words only those who wrote within 24 hours.
const web1on1 = await startWeb1on1({ whatsappWindow: true });

const accounts = {
  promo: {
    apiKey: chatinc.credentials.apiKey,
    baseUrl: `${chatinc.origin}/v1`,
    botBaseUrl: chatinc.origin,
  },
  mail: {
    tier: 'user',
    identifier: crisp.credentials.identifier,
    key: crisp.credentials.key,
    website: crisp.credentials.websiteId,
    origin: crisp.origin,
  },
  shop: {
    token: web1on1.credentials.token,
    secret: web1on1.credentials.secret,
    origin: web1on1.origin,
  },
};
// Of emulators before these nothing is left, so that runs with them mean nothing any more.
await rm(data, { recursive: true, force: true });
await mkdir(data);
await writeFile(new URL('emulators.json', data), JSON.stringify(accounts), { mode: 0o600 });

console.log(`Three providers on this machine. In another terminal:

  npx --yes pnpm@12.21.0 parley campaign run examples/campaign/service.yaml --config examples/campaign/parley.config.ts

With --account mail --intent mail it goes through Crisp, with --account shop --intent shop through Web1on1. What people get:
`);

function byChatInc(): string[] {
  const runs = chatinc.campaigns().flatMap((campaign) => campaign.runs);
  const numbers = new Set(runs.flatMap(({ recipients }) => recipients.map(({ number }) => number)));
  return [...numbers].flatMap((number) => chatinc.received(number).map(({ text }) => `+${number}  ${text}`));
}

function byCrisp(): string[] {
  const mails = crisp.campaignMails().map(({ email, message }) => `${email}  ${message}`);
  const chats = crisp
    .conversations()
    .flatMap(({ meta, messages }) =>
      messages.map(({ content }) => `${meta.phone as string}  ${textOf(content)}`),
    );
  return [...mails, ...chats];
}

/** What is asked with buttons is an object. */
function textOf(content: unknown): string {
  return typeof content === 'string' ? content : (content as { text: string }).text;
}

function byWeb1on1(): string[] {
  const said = web1on1.messages.list().filter(({ text }) => text !== undefined);
  return web1on1.contacts.list().flatMap(({ conversation, profile }) => {
    const theirs = said.filter((message) => message.conversation === conversation);
    return theirs.map(({ text, meta }) => `${profile.telephone as string}  ${text} ${JSON.stringify(meta)}`);
  });
}

const shown: string[] = [];
for await (const _ of setInterval(500)) {
  const lines = [
    ...byChatInc().map((line) => `Chat Inc  ${line}`),
    ...byCrisp().map((line) => `Crisp     ${line}`),
    ...byWeb1on1().map((line) => `Web1on1   ${line}`),
  ].sort();
  // The same words may come to the same person again.
  const known = [...shown];
  for (const line of lines) {
    const at = known.indexOf(line);
    if (at !== -1) {
      known.splice(at, 1);
      continue;
    }
    shown.push(line);
    console.log(line);
  }
}
