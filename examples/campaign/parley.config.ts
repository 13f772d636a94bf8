import { readFileSync } from 'node:fs';
import { defineConfig } from '@parley/config';

// What src/campaign-emulators.ts wrote when it started three providers on this machine. Of real accounts, keys come from the
// environment: `apiKey: { env: 'CHATINC_KEY' }`.
const file = new URL('data/emulators.json', import.meta.url);
const emulators = JSON.parse(readFileSync(file, 'utf8')) as Record<'promo' | 'mail' | 'shop', object>;

export default defineConfig({
  engine: 'sqlite:data/campaigns.db',
  accounts: {
    promo: { use: '@parley/adapter-chatinc', ...emulators.promo },
    mail: { use: '@parley/adapter-crisp', ...emulators.mail },
    shop: { use: '@parley/adapter-web1on1', ...emulators.shop },
  },
});
