import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatIncEmulator, Web1on1Emulator } from '@parley/emulators';
import { type BotFolder, botFolder, path } from './bot-folder.js';

/** What the compiled commands and the bots use. */
const adapter = (provider: string): string => path(`../../adapter-${provider}/dist/index.js`);

export const CAMPAIGN_PACKAGES = ['adapter-chatinc', 'adapter-web1on1', 'testing'];

/** A folder whose bot has accounts at these emulators: `promo` and `shop`. */
export function campaignFolder(
  engine: string,
  config: object,
  { promo, shop }: { promo?: ChatIncEmulator; shop?: Web1on1Emulator },
): BotFolder {
  const accounts: Record<string, object> = {};
  if (promo !== undefined) {
    const { origin, apiKey } = promo.credentials;
    accounts.promo = { use: adapter('chatinc'), apiKey, baseUrl: `${origin}/v1`, botBaseUrl: origin };
  }
  if (shop !== undefined) {
    const { origin, token, refreshToken, secret } = shop.credentials;
    accounts.shop = { use: adapter('web1on1'), token, refreshToken, secret, origin };
  }
  return botFolder(engine, config, accounts);
}

export interface Written {
  account?: string;
  people: readonly string[];
  /** Further lines of the campaign. */
  more?: string;
}

/** Writes `may.yaml` and its `people.csv`. */
export function writeCampaign(
  { folder }: BotFolder,
  { account = 'promo', people, more = '' }: Written,
): void {
  const campaign = `
name: may
account: ${account}
template:
  language: en
  body: Hello {contact.name}, we are open again.
audience:
  - file: people.csv
${more}`;
  writeFileSync(join(folder, 'may.yaml'), campaign);
  writeFileSync(join(folder, 'people.csv'), ['phone,name', ...people].join('\n'));
}

export const phone = (index: number): string => `+3161234${String(index).padStart(4, '0')}`;

export const crowd = (people: number): string[] =>
  Array.from({ length: people }, (_, index) => `${phone(index)},Person ${index}`);

/** What people got at Web1on1, by phone number. */
export function gotAt({ contacts, messages }: Web1on1Emulator): Record<string, string[]> {
  const got: Record<string, string[]> = {};
  for (const { conversation, profile } of contacts.list()) {
    const theirs = messages.list().filter((message) => message.conversation === conversation);
    const texts = theirs.flatMap(({ text }) => text ?? []);
    if (texts.length > 0) got[profile.telephone as string] = texts;
  }
  return got;
}
