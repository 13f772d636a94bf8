import { createDice } from '../chaos.js';
import type { Json } from '../json.js';
import { type Machinery, type MachineryState, machineryState } from '../machinery.js';
import { fromPlain, toPlain } from '../snapshot-format.js';
import type { Platform } from './platform.js';
import type { Account } from './records.js';
import { proceed } from './runs.js';
import type { ChatIncCredentials } from './seed.js';
import type { ChatIncSwitches } from './switches.js';
import { awaitDecision } from './templates.js';

/** Raised when the shape changes. */
export const FORMAT = { provider: 'chatinc', format: 1 } as const;

/**
 * Everything an emulated Chat Inc knows, as plain JSON. It holds its keys, and it is for the version of this package that made
 * it. Not in it: the requests of the last second that the rate limit counts, and answers that a fault delays.
 */
export interface ChatIncSnapshot extends MachineryState {
  provider: 'chatinc';
  format: number;
  credentials: ChatIncCredentials;
  switches: ChatIncSwitches;
  /** Maps, sets and columns of numbers are `{"$map"}`, `{"$set"}`, `{"$u8"}` and `{"$f64"}`. */
  accounts: Json;
  notOnWhatsApp: string[];
  seed: number;
}

export function takeSnapshot(
  platform: Platform,
  machinery: Machinery,
  credentials: ChatIncCredentials,
): ChatIncSnapshot {
  const { switches, accounts, notOnWhatsApp, dice } = platform;
  const own = { credentials, switches, accounts, notOnWhatsApp: [...notOnWhatsApp], seed: dice.state };
  return toPlain({ ...FORMAT, ...machineryState(machinery), ...own }) as ChatIncSnapshot;
}

/** Credentials, switches and the machinery are taken from a snapshot as the emulator is made; this is the rest. */
export function restorePlatform(platform: Platform, snapshot: ChatIncSnapshot): void {
  const accounts = fromPlain(snapshot.accounts) as Map<string, Account>;
  platform.accounts.clear();
  for (const [key, account] of accounts) platform.accounts.set(key, account);
  for (const number of snapshot.notOnWhatsApp) platform.notOnWhatsApp.add(number);
  platform.dice = createDice(snapshot.seed);
  // What became due meanwhile happens now.
  for (const account of accounts.values()) {
    for (const campaign of account.campaigns.values()) {
      awaitDecision(platform, account, campaign);
      for (const run of campaign.runs) proceed(platform, account, campaign, run);
    }
  }
}
