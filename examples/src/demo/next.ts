import type { Stage } from './stage.js';

const FILES = [
  ['examples/src/greet-and-help.ts', 'what the bot just said: buttons, notes, hand-over'],
  ['examples/src/appointment-reminder.ts', 'the reminder, and what became of the answer'],
  ['examples/src/repair-status.ts', 'what outlives a kill -9: a slow question, a message for later'],
  ['examples/src/whatsapp-log.ts', 'what people answer on one channel, as JSON lines'],
  ['examples/src/users-and-organizations.ts', "the provider's own API, with the token of an administrator"],
  ['examples/src/two-accounts.ts', 'one bot, two customers of yours'],
  ['examples/src/configured.ts', 'the provider is chosen in a config file, as are account and engine'],
  ['examples/src/one-account.ts', 'the wiring, for your own credentials'],
  ['docs/getting-started.md', 'a bot in ten minutes'],
] as const;

/** What to try next. For a customer, the servers stay up and can be called. */
export function printNext(
  stage: Stage,
  customer: { contactId: string; sessionId: string } | undefined,
): void {
  const { remark, heading } = stage.transcript;
  heading('Try next');
  if (customer !== undefined) {
    printCalls(stage.emulator.origin, stage.webhookUrl(), customer.contactId, remark);
    printChat(stage.crisp.origin, customer.sessionId, remark);
  }
  remark('\n  A provider of your own, with its credentials as one line of JSON:');
  remark('    npx --yes pnpm@12.21.0 emulate web1on1 --port 4010');
  remark('    npx --yes pnpm@12.21.0 emulate crisp --port 4020');
  remark('    npx --yes pnpm@12.21.0 emulate chatinc --port 4030');
  remark('\n  A campaign from a file, through three providers, which show what people get:');
  remark('    npx --yes pnpm@12.21.0 campaign-emulators');
  remark('\n  To read and to copy:');
  for (const [file, about] of FILES) remark(`    ${file.padEnd(42)}${about}`);
}

function printCalls(
  provider: string,
  webhooks: string,
  contactId: string,
  remark: (text: string) => void,
): void {
  const person = `${provider}/_emulator/contacts/${contactId}`;
  const json = "-H 'content-type: application/json'";
  remark(
    '\n  From another terminal, as the customer, then what is on the phone, then what the provider was asked:',
  );
  remark(`    curl -s ${json} -d '{"text":"hello"}' ${person}/say`);
  remark(`    curl -s ${json} -d '{"payload":"hours"}' ${person}/press`);
  remark(`    curl -s ${person}/received`);
  remark(`    curl -s '${provider}/_emulator/journal?method=POST'`);
  remark('\n  The next request of the bot fails; then say hello again:');
  remark(`    curl -s ${json} -d '{"kind":"drop-after","route":"POST /v2/*"}' ${provider}/_emulator/faults`);
  remark('\n  The bot itself; the second is refused, as it is not signed:');
  remark(`    curl -s ${new URL('/readyz', webhooks).href}`);
  remark(`    curl -s -d '{}' ${webhooks}`);
}

function printChat(provider: string, sessionId: string, remark: (text: string) => void): void {
  const visitor = `${provider}/_emulator/visitors/${sessionId}`;
  const json = "-H 'content-type: application/json'";
  remark('\n  As a visitor of the website, at Crisp; then cut the socket, and say hello again:');
  remark(`    curl -s ${json} -d '{"text":"hello"}' ${visitor}/say`);
  remark(`    curl -s ${json} -d '{"value":"hours"}' ${visitor}/choose`);
  remark(`    curl -s ${json} -d '{}' ${provider}/_emulator/rtm/drop`);
}
