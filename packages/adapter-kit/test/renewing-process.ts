/** Makes three requests at once with a session in a shared token store: `renewing-process.ts <origin> <folder>`. */
import type { TokenPair } from '@parley/core';
import { bearer, createHttpClient, createSession, fileTokenStore, standaloneAccount } from '../src/index.js';

const [origin = '', folder = ''] = process.argv.slice(2);
const account = standaloneAccount('leads', { tokens: fileTokenStore(folder) });
const session = createSession({
  account,
  key: 'leads',
  initial: { token: 'old', refreshToken: 'r0' },
  renew: async () =>
    (await client.request({ method: 'POST', path: '/token', route: 'unsent', authorize: false }))
      .body as TokenPair,
});
const client = createHttpClient({ origin, account, authorize: bearer(session) });

const answers = await Promise.all(
  ['/a', '/b', '/c'].map((path) => client.request({ method: 'GET', path, route: 'safe' })),
);
process.stdout.write(answers.map(({ status }) => status).join(' '));
await client.close();
