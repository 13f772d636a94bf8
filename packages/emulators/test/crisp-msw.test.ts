import { expect, test } from '@jest/globals';
import { crispHandlers, interceptProvider } from '@parley/emulators/msw';
import { Crisp } from 'crisp-api';
import { getResponse } from 'msw';
import { request as undiciRequest } from 'undici';
import { useCrisp } from './crisp-world.js';
import { type Parsed, until } from './receiver.js';

const world = useCrisp();

test("crisp-api reaches the emulator at the provider's own address, and its socket by discovery", async () => {
  const { emulator } = world;
  const interception = interceptProvider(emulator, { otherHosts: 'refuse' });
  world.later(() => interception.disable());
  interception.enable();
  const { identifier, key, websiteId } = emulator.credentials;
  const client: Parsed = new Crisp();
  world.later(() => client._socket?.close());
  client.authenticateTier('plugin', identifier, key);
  const heard: Parsed[] = [];
  client.on('message:send', (message: Parsed) => heard.push(message));
  await emulator.rtm.connected();
  const visitor = emulator.visitor();
  visitor.say('Hello');
  await until(() => heard.length === 1);
  const message = { type: 'text', from: 'operator', origin: 'chat', content: 'Hi' };
  await client.website.sendMessageInConversation(websiteId, visitor.sessionId, message);
  expect(await visitor.next()).toMatchObject({ content: 'Hi' });

  const { statusCode, body } = await undiciRequest('https://api.crisp.chat/v1/no/such/route');
  expect([statusCode, ((await body.json()) as Parsed).reason]).toEqual([404, 'not_found']);
  await expect(undiciRequest('https://app.relay.crisp.chat/')).rejects.toThrow('was not let out');
});

test('the handlers serve any msw set-up, for the origins they are given', async () => {
  const handlers = crispHandlers(world.emulator, { origins: ['https://crisp.example'] });
  const at = (origin: string) => getResponse(handlers, new Request(`${origin}/v1/website`));
  expect((await at('https://crisp.example'))?.status).toBe(404);
  expect(await at('https://api.crisp.chat')).toBeUndefined();
  expect(
    (await getResponse(crispHandlers(world.emulator), new Request('https://api.crisp.chat/v1/x')))?.status,
  ).toBe(404);
});
