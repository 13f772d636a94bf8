import { createDice } from '../chaos.js';
import { openFrontDoor } from '../front-door.js';
import { createMachinery, equip, splitOptions } from '../machinery.js';
import { createPremises } from '../premises.js';
import type { RateLimitSettings } from '../rate-limit.js';
import { assertFormat } from '../snapshot-format.js';
import { addApiRoutes } from './api.js';
import { createApp } from './app.js';
import { addControlRoutes } from './control.js';
import type { ChatIncCampaign, ChatIncEmulator, ChatIncEmulatorOptions, ChatIncRun } from './emulator.js';
import { errorBody } from './errors.js';
import { digitsOf } from './numbers.js';
import { isReceived, messagesOf, press } from './phones.js';
import { newId, numbersOf, openAccount, type Platform } from './platform.js';
import { statusAt } from './progress.js';
import type { Account, Campaign, Run } from './records.js';
import { type ChatIncCredentials, newApiKey } from './seed.js';
import { FORMAT, restorePlatform, takeSnapshot } from './snapshot.js';
import { createChatIncSwitches } from './switches.js';
import { setTemplateStatus } from './templates.js';

const RATE_LIMIT: RateLimitSettings = { enabled: false, perSecond: 20, retryAfter: false };
const BALANCE = 1_000_000;

/**
 * Starts a Chat Inc on loopback: the broadcast API, and of the bot's what campaigns touch.
 *
 * @throws when the port is taken (`EADDRINUSE`) and a TypeError for a switch with a wrong value, or for a snapshot of another
 * version
 */
export async function startChatInc(options: ChatIncEmulatorOptions = {}): Promise<ChatIncEmulator> {
  const { common, own } = splitOptions(options);
  const { apiKey, balance, notOnWhatsApp, seed, bodyLimitBytes, snapshot: from, save, ...given } = own;
  assertFormat(from, FORMAT);
  const switches = createChatIncSwitches({ ...from?.switches, ...given });
  const machinery = createMachinery(common, RATE_LIMIT, from);
  const { clock } = machinery;
  const platform: Platform = {
    clock,
    switches,
    origin: '',
    accounts: new Map(),
    notOnWhatsApp: new Set(),
    dice: createDice(seed ?? 1),
  };
  const credentials: ChatIncCredentials = {
    provider: 'chatinc',
    origin: '',
    apiKey: from?.credentials.apiKey ?? apiKey ?? newApiKey(),
  };
  openAccount(platform, credentials.apiKey, balance ?? BALANCE);
  if (from !== undefined) restorePlatform(platform, from);

  const app = createApp(switches, bodyLimitBytes);
  const premises = createPremises(app, platform);
  openFrontDoor(app, {
    machinery,
    limitBody: () => '',
    apiKey: ({ headers }) => headers.authorization,
    errorBody: (message) => errorBody(switches.errorForm, message),
    save: () => save?.(emulator.snapshot()),
  });

  const account = (key = credentials.apiKey): Account => {
    const found = platform.accounts.get(key);
    if (found === undefined) throw new TypeError('no account has this API key');
    return found;
  };
  const withCampaign = (campaignId: string): [Account, Campaign] => {
    for (const owner of platform.accounts.values()) {
      const found = owner.campaigns.get(campaignId);
      if (found !== undefined) return [owner, found];
    }
    throw new TypeError('no campaign has this id');
  };
  const setStatus = (campaignId: string, status: string) =>
    setTemplateStatus(platform, ...withCampaign(campaignId), status);

  const emulator = equip<ChatIncEmulator>(machinery, {
    get origin() {
      return platform.origin;
    },
    credentials,
    switches,
    get notOnWhatsApp(): readonly string[] {
      return [...platform.notOnWhatsApp];
    },
    set notOnWhatsApp(numbers: readonly string[]) {
      platform.notOnWhatsApp.clear();
      for (const number of numbers) platform.notOnWhatsApp.add(digitsOf(number) ?? number);
    },
    addAccount({ apiKey: key = newApiKey(), balance: paid = BALANCE } = {}) {
      if (platform.accounts.has(key)) throw new TypeError('an account has this API key');
      return openAccount(platform, key, paid).apiKey;
    },
    balance: (key) => account(key).balance,
    topUp(amount, key) {
      account(key).balance += amount;
      return account(key).balance;
    },
    approve: (campaignId) => setStatus(campaignId, 'APPROVED'),
    reject: (campaignId) => setStatus(campaignId, 'REJECTED'),
    setTemplateStatus: setStatus,
    campaign(campaignId) {
      const owners = [...platform.accounts.values()];
      const found = owners.map(({ campaigns }) => campaigns.get(campaignId)).find(Boolean);
      return found && copyOfCampaign(platform, found);
    },
    campaigns: (of) =>
      [...account(of?.apiKey).campaigns.values()].map((campaign) => copyOfCampaign(platform, campaign)),
    audience(id, of) {
      const numbers = numbersOf(account(of?.apiKey), id);
      return numbers && [...numbers];
    },
    variableGroup(id, of) {
      const rows = account(of?.apiKey).variableGroups.get(id)?.rows;
      return rows && structuredClone(Object.fromEntries(rows));
    },
    addOffPlatformTemplate(template, of) {
      const templateId = template.templateId ?? newId('wa_');
      account(of?.apiKey).offPlatformTemplates.set(templateId, {
        locale: 'en_US',
        templateType: 'MARKETING',
        buttons: [],
        ...structuredClone(template),
        templateId,
      });
      return templateId;
    },
    received: (number, of) => messagesOf(platform, account(of?.apiKey), number).filter(isReceived),
    messages: (number, of) => messagesOf(platform, account(of?.apiKey), number),
    press: (number, { apiKey: key, ...what }) => press(platform, account(key), number, what),
    handle: premises.handle,
    snapshot: () => takeSnapshot(platform, machinery, credentials),
    close() {
      clock.close();
      return premises.close();
    },
  });
  if (notOnWhatsApp !== undefined) emulator.notOnWhatsApp = notOnWhatsApp;

  // Routes know their multipart reader once plugins are there.
  app.after(() => {
    addApiRoutes(app, platform);
    addControlRoutes(app, emulator);
  });
  credentials.origin = await premises.listen(common);
  premises.open();
  return emulator;
}

function copyOfCampaign(platform: Platform, campaign: Campaign): ChatIncCampaign {
  const { createdAt: _created, decidedAt: _decided, presses: _presses, runs, ...known } = campaign;
  return structuredClone({ ...known, runs: runs.map((run) => copyOfRun(platform, run)) });
}

function copyOfRun({ clock }: Platform, run: Run): ChatIncRun {
  const { createdAt: _created, recipients, ...known } = run;
  const now = clock.now();
  return {
    ...known,
    recipients: recipients.numbers.map((number, index) => ({ number, status: statusAt(run, index, now) })),
  };
}
