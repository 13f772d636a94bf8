import { randomBytes } from 'node:crypto';
import type { Dice } from '../chaos.js';
import type { Clock } from '../clock.js';
import { notFound } from './errors.js';
import type { Account, Audience, Campaign, InputGroup } from './records.js';
import type { ChatIncSwitches } from './switches.js';

/** The state of one emulated Chat Inc. Everything else is functions over it. */
export interface Platform {
  readonly clock: Clock;
  readonly switches: ChatIncSwitches;
  /** Where the API is reached, without a trailing slash. Known once it listens. */
  origin: string;
  /** By API key: an account sees nothing of another. */
  readonly accounts: Map<string, Account>;
  /** Digits that have no WhatsApp. */
  readonly notOnWhatsApp: Set<string>;
  /** What becomes of a message is decided by it. */
  dice: Dice;
}

const WELCOME = { journeyId: 'Welcome', entry: 'welcome', steps: [] };

export function openAccount(platform: Platform, apiKey: string, balance: number): Account {
  const account: Account = {
    apiKey,
    balance,
    audiences: new Map(),
    variableGroups: new Map(),
    inputGroups: new Map(),
    campaigns: new Map(),
    offPlatformTemplates: new Map(),
    images: new Map(),
    journeys: new Map([[WELCOME.journeyId, structuredClone(WELCOME)]]),
    taskGroups: new Map(),
    products: new Map(),
  };
  platform.accounts.set(apiKey, account);
  return account;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SIGNS = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;

function signs(alphabet: string, count: number): string {
  return Array.from(randomBytes(count), (byte) => alphabet[byte % alphabet.length]).join('');
}

/** Both families of ids that were seen, in their forms. */
export function newCampaignId({ switches }: Platform): string {
  return switches.campaignIdPrefix === 'c_' ? `c_${signs(SIGNS, 15)}` : `chatstack_${signs(LETTERS, 8)}`;
}

export const newId = (prefix: string): string => `${prefix}${signs(SIGNS, 12)}`;

export function campaignOf({ switches }: Platform, { campaigns }: Account, id: string): Campaign {
  const found =
    campaigns.get(id) ??
    (switches.titleAsId ? [...campaigns.values()].findLast(({ title }) => title === id) : undefined);
  if (found === undefined) throw notFound('campaign');
  return found;
}

/** The audience that nobody creates. */
export const EVERYBODY = 'all';

/** Numbers of an audience; for `all`, of all audiences. Undefined when there is no such audience. */
export function numbersOf({ audiences }: Account, id: string): ReadonlySet<string> | undefined {
  if (id !== EVERYBODY) return audiences.get(id)?.numbers;
  const everybody = new Set<string>();
  for (const { numbers } of audiences.values()) for (const number of numbers) everybody.add(number);
  return everybody;
}

export function audienceOf({ audiences }: Account, id: string): Audience {
  const found = audiences.get(id);
  if (found === undefined) throw notFound('audience');
  return found;
}

/** The group of a campaign's answers arises with its name. */
export function inputGroupNamed({ inputGroups }: Account, name: string): InputGroup {
  const known = inputGroups.get(name);
  if (known !== undefined) return known;
  const group: InputGroup = { id: name, name, inputs: [] };
  inputGroups.set(name, group);
  return group;
}
