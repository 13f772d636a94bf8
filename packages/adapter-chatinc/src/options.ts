import type { Rate } from '@parley/core';
import type { RouteName } from './client/routes.js';

/**
 * One account at Chat Inc: one key, and with it one WhatsApp number. Nothing is read from the environment.
 *
 * Chat Inc's documentation disagrees with itself in places. Where it does, an option says which reading to follow; its default is the
 * newest one. See docs/providers/chatinc.md.
 */
export interface ChatIncOptions {
  /** Sent as it is, without a scheme. */
  apiKey: string;
  /** With its path. Default `https://api.broadcast.chatinc.com/v1`; also documented: `https://api.chatinc.com/v1`. */
  baseUrl?: string;
  /** Of the bot and catalog routes. Default `https://api.chatinc.com`. */
  botBaseUrl?: string;
  /** Moves single routes elsewhere, by their name in `api`. */
  routeBaseUrls?: Partial<Record<RouteName, string>>;
  /** Sends the key over plain http to other machines than this one. Default false. */
  allowInsecureHttp?: boolean;
  /** How the reads are asked; the documentation prints some both ways. */
  methods?: Partial<Record<FlexibleRead, 'GET' | 'POST'>>;
  /** A read that answers 404 or 405 is tried once by the other method, and the one that worked is kept. Default true. */
  methodFallback?: boolean;
  /** Where a new campaign's options stand: under `options`, beside the other fields, or both. Default `nested`. */
  optionsStyle?: 'nested' | 'flat' | 'both';
  /** Sends the filled-in sample that WhatsApp's review wants. The newest documentation no longer names it. Default true. */
  sendMessageExample?: boolean;
  /** `compact` is `enUS`, `underscore` is `en_US`. Default `compact`. */
  languageCodeStyle?: 'compact' | 'underscore';
  /** The unit of `timeToRun`: seconds or milliseconds. Not documented. Default `s`. */
  timestampUnit?: 's' | 'ms';
  /**
   * Who waits for the time of `api.runCampaign`. What is scheduled at the provider cannot be called back. `local`: this process waits, and
   * the caller's signal calls it back; it is forgotten if the process ends. Campaigns of `@parley/broadcast` wait in the engine,
   * whatever stands here. Default `provider`.
   */
  scheduling?: 'provider' | 'local';
  /** `digits` is `31612345678`, `e164` is `+31612345678`. Default `digits`. */
  numberFormat?: 'digits' | 'e164';
  /** Digits, for example `27`. Then national numbers (`082 123 4567`) are taken; without it they are refused. */
  defaultCountryCode?: string;
  /**
   * Which buttons go together. `chatinc`: phone and url only with each other. `whatsapp`: what WhatsApp allows today. `off`: not
   * checked. Default `chatinc`.
   */
  buttonRules?: 'chatinc' | 'whatsapp' | 'off';
  /** Default `/create/audience`: documented is the address that creates. */
  addContactsPath?: string;
  /**
   * `merge-first` reads the audience and sends old and new contacts together, which is right whether the provider merges or replaces.
   * `post-only` sends the new ones. Default `merge-first`.
   */
  addContactsMode?: 'merge-first' | 'post-only';
  /** Whether a variable group may be sent again under its id, as a second run needs. Default `repost`. */
  variableGroupUpdate?: 'repost' | 'forbid';
  /** Sends the group's own id as `audienceId` with a variable file where none is given. Default false. */
  alwaysSendAudienceId?: boolean;
  /** `json` falls back to `csv` where it has fewer rows than messages were sent. Default `json`. */
  detailsFormat?: 'json' | 'csv';
  csv?: {
    /** Default `number`. */
    numberHeader?: string;
    /** Default a line feed. */
    lineEnding?: '\n' | '\r\n';
    /** Default a comma. */
    delimiter?: ',' | ';' | '\t';
  };
  /** Ends the title of a new campaign with a few letters, so that it is found again by its title. Default true. */
  uniqueTitles?: boolean;
  /** Lets a run go to `all`, every contact of the account, past every opt-out that we know of. Default false. */
  allowAll?: boolean;
  /** Allows `api.uploadImage`, which is not documented. Default false. */
  uploadImages?: boolean;
  /** `emulate` allows `api.sendToOne`: an audience for one person and a run. Default `unsupported`. */
  singleSend?: 'emulate' | 'unsupported';
  experimental?: {
    /** Allows the two routes of templates made outside of Chat Inc, which are not documented. Default false. */
    offPlatformTemplates?: boolean;
  };
  /** Runs a campaign whose template has a status that we do not know. Default false. */
  runUnknownTemplates?: boolean;
  /**
   * Allows a second run of a campaign while one is under way: which of them a result belongs to is then unknown. Otherwise it is refused
   * to whoever shares the engine, for `poll.settleMs` after the first has begun. Default false.
   */
  allowOverlappingRuns?: boolean;
  /** How long a run or a campaign whose answer got lost is looked for, in milliseconds. Default 120,000. */
  runProbeMs?: number;
  poll?: PollingOptions;
  /** Keeps the provider's record as `event.raw`. Default false. */
  keepRaw?: boolean;
  /** What may leave. Default: no limit of ours, since none is published. */
  rate?: Rate;
  /** Of one request. Default 30,000. */
  requestTimeoutMs?: number;
  /** Of one upload. Default 120,000. */
  uploadTimeoutMs?: number;
  /** The largest answer that is read: the results of a campaign come in one. Default 200 MB (200 * 2^20). */
  maxAnswerBytes?: number;
}

/** All in milliseconds. */
export interface PollingOptions {
  /** While something runs. Default 30,000. */
  listMs?: number;
  /** While only templates wait for approval: the first wait. Default 60,000. */
  approvalMs?: number;
  /** ... and the longest. Default 600,000. */
  approvalMaxMs?: number;
  /** Between two readings of one campaign's details. Default 60,000. */
  detailsMinMs?: number;
  /** A run in which nothing changed for so long, and everybody's fate is known, is over. Default six hours. */
  settleMs?: number;
  /** A run that began so long ago is over in any case. Default 72 hours. */
  maxWatchMs?: number;
}

/** The reads that are documented, or could be, both as GET and as POST. */
export type FlexibleRead =
  | 'retrieveCampaigns'
  | 'retrieveCampaign'
  | 'retrieveVariableGroups'
  | 'retrieveAudiences'
  | 'retrieveAudienceContacts';
