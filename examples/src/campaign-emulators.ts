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

/** What was shown already: the same words may come to the same person again. */
const shown = new Set<string>();
/** Of a large run so many phones are asked at a time; the next ones soon. */
const PHONES_AT_ONCE = 200;

type Line = [id: string, line: string];

function byChatInc(): Line[] {
  const arrived = chatinc
    .campaigns()
    .flatMap(({ runs }) => runs)
    .flatMap(({ runId, recipients }) =>
      recipients
        .filter(({ status }) => status === 'delivered' || status === 'read')
        .map(({ number }) => ({ runId, number, id: `${runId} ${number}` })),
    )
    .filter(({ id }) => !shown.has(id));
  return arrived.slice(0, PHONES_AT_ONCE).map(({ runId, number, id }) => {
    const message = chatinc.received(number).find((received) => received.runId === runId);
    return [id, `Chat Inc  +${number}  ${message?.text}`];
  });
}

function byCrisp(): Line[] {
  const mails = crisp
    .campaignMails()
    .map(({ id, email, message }): Line => [id, `Crisp     ${email}  ${message}`]);
  const chats = crisp
    .conversations()
    .flatMap(({ session_id, meta, messages }) =>
      messages.map(
        ({ fingerprint, content }): Line => [
          `${session_id} ${fingerprint}`,
          `Crisp     ${meta.phone as string}  ${textOf(content)}`,
        ],
      ),
    );
  return [...mails, ...chats];
}

/** What is asked with buttons is an object. */
function textOf(content: unknown): string {
  return typeof content === 'string' ? content : (content as { text: string }).text;
}

function byWeb1on1(): Line[] {
  const phones = new Map(
    web1on1.contacts
      .list()
      .map(({ conversation, profile }) => [conversation, profile.telephone as string] as const),
  );
  return web1on1.messages.list().flatMap(({ id, conversation, text, meta }): Line[] => {
    const phone = phones.get(conversation);
    if (text === undefined || phone === undefined) return [];
    return [[id, `Web1on1   ${phone}  ${text} ${JSON.stringify(meta)}`]];
  });
}

for await (const _ of setInterval(500)) {
  const lines = [...byChatInc(), ...byCrisp(), ...byWeb1on1()].filter(([id]) => !shown.has(id));
  for (const [id] of lines) shown.add(id);
  for (const line of lines.map(([, text]) => text).toSorted()) console.log(line);
}
