import type { Machinery, MachineryOptions } from '../machinery.js';
import type { RateLimitSettings } from '../rate-limit.js';
import type { PhoneMessage, PressOptions } from './phones.js';
import type { Button, OffPlatformTemplate, RecipientStatus, RunState, TemplateStatus } from './records.js';
import type { ChatIncCredentials } from './seed.js';
import type { ChatIncSnapshot } from './snapshot.js';
import type { ChatIncSwitches } from './switches.js';

export interface ChatIncEmulatorOptions extends Partial<ChatIncSwitches>, MachineryOptions {
  /** Of the first account; invented when absent. */
  apiKey?: string;
  /** What the first account has paid in advance, in the unit of `pricePerMessage`. Default 1,000,000. */
  balance?: number;
  /** Numbers that have no WhatsApp. */
  notOnWhatsApp?: readonly string[];
  /** What becomes of messages: same seed, same requests, same outcome. Default 1. */
  seed?: number;
  /** Requests a second, by key and by address. Default off: none is documented. */
  rateLimit?: boolean | Partial<RateLimitSettings>;
  /** Larger JSON bodies are answered 413; files are not limited. Default 64 MiB. */
  bodyLimitBytes?: number;
  /**
   * Goes on from where another emulator was: accounts, money, templates and runs that wait, faults, journal, time. Keys are those
   * of the snapshot; switches and rate limit too, unless given here.
   */
  snapshot?: ChatIncSnapshot;
  /**
   * Called before an answer leaves. What stores the snapshot here, before it returns, is never behind what somebody was told,
   * whenever the process is killed. It must not throw.
   */
  save?: (snapshot: ChatIncSnapshot) => void;
}

/** A copy of what the provider knows of a campaign, with what its API does not tell. */
export interface ChatIncCampaign {
  campaignId: string;
  title: string;
  message: string;
  messageExample?: string;
  imgUrl?: string;
  buttons: Button[];
  locale: string;
  templateType: string;
  status: TemplateStatus;
  runs: ChatIncRun[];
}

export interface ChatIncRun {
  runId: string;
  audiences: string[];
  state: RunState;
  /** Epoch milliseconds. */
  timeToRun?: number;
  startedAt?: number;
  /** What it took from the balance. */
  cost: number;
  recipients: { number: string; status: RecipientStatus }[];
}

/** The API key of another account than the first. */
export type OfAccount = { apiKey?: string };

export interface ChatIncEmulator extends Machinery {
  /** For example `http://127.0.0.1:4030`; the API begins at `/v1`. */
  readonly origin: string;
  readonly credentials: ChatIncCredentials;
  readonly switches: ChatIncSwitches;
  /** Numbers without WhatsApp, for runs that begin later; assign to change them. */
  get notOnWhatsApp(): readonly string[];
  set notOnWhatsApp(numbers: readonly string[]);
  /** One more account, which sees nothing of the others. Returns its API key. */
  addAccount(options?: { apiKey?: string; balance?: number }): string;
  /** What is left of the prepaid money: each recipient of a run has cost `pricePerMessage`. */
  balance(apiKey?: string): number;
  topUp(amount: number, apiKey?: string): number;
  approve(campaignId: string): void;
  reject(campaignId: string): void;
  /** Any status, such as `PAUSED`; runs that wait for an approval begin with `APPROVED`. */
  setTemplateStatus(campaignId: string, status: TemplateStatus): void;
  campaign(campaignId: string): ChatIncCampaign | undefined;
  campaigns(of?: OfAccount): ChatIncCampaign[];
  /** Numbers of an audience, or of `all`. */
  audience(id: string, of?: OfAccount): string[] | undefined;
  /** Rows of a variable group, which the API never tells, by number. */
  variableGroup(id: string, of?: OfAccount): Record<string, Record<string, string>> | undefined;
  /** A template that was made outside Chat Inc. Returns its id. */
  addOffPlatformTemplate(
    template: Pick<OffPlatformTemplate, 'name' | 'message'> & Partial<OffPlatformTemplate>,
    of?: OfAccount,
  ): string;
  /** What has reached a phone, oldest first. */
  received(number: string, of?: OfAccount): PhoneMessage[];
  /** What was to reach a phone, whatever became of it. */
  messages(number: string, of?: OfAccount): PhoneMessage[];
  /** Somebody presses a button of a message. Throws a TypeError when no such message reached the number. */
  press(number: string, options: PressOptions & OfAccount): void;
  /**
   * Answers a request in process, whatever host it asks for, as it would be answered over HTTP: faults, limits and journal
   * included. Rejects when a fault drops the connection, when the request's signal fires, and once the emulator is closed.
   */
  handle(request: Request): Promise<Response>;
  /** Everything it knows, as plain JSON, secrets included: for `startChatInc({ snapshot })`. */
  snapshot(): ChatIncSnapshot;
  close(): Promise<void>;
}
