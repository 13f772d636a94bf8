import type { Maybe } from './maybe.js';

/** What a button does. `journey` is in beta. */
export type ChatIncButtonType = 'input' | 'journey' | 'phone' | 'url';

export interface ChatIncButton {
  /** The label. */
  text: string;
  /** An older button has none, and a `flowId`. */
  type?: ChatIncButtonType;
  /** What pressing it says. May be missing in what comes back; then it is the label. */
  input?: string;
  journeyId?: string;
  flowId?: string;
  /** With a leading plus. */
  phoneNumber?: string;
  /** May hold a placeholder. */
  url?: string;
}

/** A template together with its runs. */
export interface ChatIncCampaign {
  /** Opaque, and case matters. */
  campaignId: string;
  templateId?: Maybe<string>;
  title?: Maybe<string>;
  message?: Maybe<string>;
  /** `en_US` */
  locale?: Maybe<string>;
  /** May hold raw blanks. */
  imgUrl?: Maybe<string>;
  variables?: Maybe<unknown[]>;
  buttons?: Maybe<Partial<ChatIncButton>[]>;
  /** One element for each run, it seems; its fields are not documented. */
  runs?: Maybe<unknown[]>;
  totalSent?: Maybe<number | string>;
  totalDelivered?: Maybe<number | string>;
  totalRead?: Maybe<number | string>;
  /** `APPROVED` is the only word that is documented; the others are WhatsApp's own. */
  whatsAppTemplatesStatus?: Maybe<string>;
  [field: string]: unknown;
}

/** One recipient's result. All but these two columns are unknown. */
export interface ChatIncDetailsRow {
  number: string;
  /** The state of the message, or the button that was pressed: not documented. */
  action?: string;
  [column: string]: unknown;
}

export interface ChatIncCampaignInput {
  /** See the option `uniqueTitles`. */
  title: string;
  /** With placeholders `{group.variable}`. */
  message: string;
  /** Public, https, JPEG or PNG, at most 5 MB: WhatsApp fetches it. */
  imgUrl?: string;
  buttons?: readonly ChatIncButton[];
  /** The message filled in, for WhatsApp's review. Made of `exampleValues` where it is missing. */
  messageExample?: string;
  /** A value for each placeholder, by `group.variable`. */
  exampleValues?: Readonly<Record<string, string>>;
}

export interface ChatIncCampaignOptions {
  /** Default `MARKETING`. */
  whatsAppTemplateType?: 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';
  /** BCP 47, for example `en-US`. Default: the provider's, which is `en-US`. */
  languageCode?: string;
  /** Never true: a campaign is run once its template is approved, by `runCampaign`. */
  runImmediately?: false;
  audiences?: readonly string[];
  /** A time, or seconds since 1970. */
  timeToRun?: Date | number;
}

export interface ChatIncCreated {
  campaignId: string;
  /** As it was sent: see the option `uniqueTitles`. */
  title: string;
  /** What WhatsApp may object to. */
  warnings: string[];
}

export interface ChatIncRunInput {
  campaignId: string;
  /** Their ids, or only `all`. */
  audiences: readonly string[];
  /** A time, or seconds since 1970; see the option `scheduling`. Default: now. */
  timeToRun?: Date | number;
  /** Sends to every contact of the account: needed for the audience `all`, here or as an option of the account. */
  allowAll?: boolean;
}
