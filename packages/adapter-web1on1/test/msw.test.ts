import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import { type Consumer, startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { type Interception, interceptProvider } from '@parley/emulators/msw';
import { type Web1on1Adapter, web1on1 } from '../src/index.js';

let emulator: Web1on1Emulator;
let interception: Interception;
let adapter: Web1on1Adapter;
let noor: Consumer;

beforeEach(async () => {
  emulator = await startWeb1on1({ rateLimit: false, maxLimit: 2, defaultLimit: 2 });
  interception = interceptProvider(emulator, { otherHosts: 'refuse' });
  interception.enable();
  noor = await emulator.contact({ telephone: '+31655501234', name: 'Noor Visser', channel: 'whatsapp' });
  const { token, refreshToken, botEmail: email, secret } = emulator.credentials;
  // No origin: it asks for Web1on1's own address.
  adapter = web1on1({ token, refreshToken, email, secret }).open(standaloneAccount('leads'));
});
afterEach(async () => {
  await adapter.close();
  interception.disable();
  await emulator.close();
});

const send = (text: string) =>
  adapter.messages.send({
    conversationId: `leads:${noor.conversationId}`,
    content: { kind: 'text', text },
    key: text,
  });

test('at its production address, an intercepted adapter talks to the emulator, page after page', async () => {
  for (const text of ['One', 'Two', 'Three']) {
    await send(text);
    expect(await noor.next()).toMatchObject({ text });
  }
  const listed = await Array.fromAsync(adapter.messages.list(`leads:${noor.conversationId}`));
  expect(listed.map(({ content }) => content)).toEqual(
    expect.arrayContaining(['One', 'Two', 'Three'].map((text) => ({ kind: 'text', text }))),
  );
  expect(emulator.journal.requests({ method: 'GET', path: /messages/ }).length).toBeGreaterThan(1);
  const hosts = emulator.journal.entries.map(({ headers }) => headers.host);
  expect(new Set(hosts)).toEqual(new Set(['api.web1on1.chat']));
});

test('a connection lost on the way is what it would be at the provider', async () => {
  const route = 'POST /v2/conversations/:id/messages';
  emulator.faults.next({ kind: 'drop-after', route });
  await expect(send('Once')).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
  expect(noor.received.map(({ text }) => text)).toEqual(['Once']);
});
