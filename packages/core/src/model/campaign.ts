import type { Address } from './contact.js';
import type { Id } from './id.js';

/** What is said to many people: words with placeholders, approved by the channel beforehand where it wants that. */
export interface Template {
  /** `Hello {order.first_name}`: a placeholder is `{group.field}`, both of letters, digits, `_` and `-`. */
  body: string;
  /** BCP 47, for example `en-US`. */
  language: string;
  /** Default `marketing`. */
  category?: 'marketing' | 'utility' | 'authentication';
  /** Above the body; public, https. */
  imageUrl?: string;
  buttons?: readonly TemplateButton[];
}

/**
 * `reply`: pressing it answers with `label`, and `value` is its meaning. `link`: opens `url`, which may hold placeholders.
 * `phone`: calls a number (E.164). `flow`: starts a flow that is kept at the provider, by its id there.
 */
export type TemplateButton =
  | { type: 'reply'; label: string; value: string }
  | { type: 'link'; label: string; url: string }
  | { type: 'phone'; label: string; phone: string }
  | { type: 'flow'; label: string; flow: string };

/** `unknown`: the provider uses a word that this version does not know. Only an approved one may be run. */
export type TemplateStatus = 'pending' | 'approved' | 'rejected' | 'paused' | 'disabled' | 'unknown';

/** Totals. A missing one is not known, which is not 0. Each counts people; whom a message has reached counts as sent too. */
export interface CampaignCounts {
  sent?: number;
  delivered?: number;
  read?: number;
  failed?: number;
}

/** A campaign as a provider knows it: a template, and whether it went out. */
export interface Campaign {
  id: Id;
  account: string;
  provider: string;
  title: string;
  templateStatus: TemplateStatus;
  /** How often it was run, where the provider tells. */
  runs?: number;
  /** `idle`: no run is under way, or none ever was. Missing where the provider does not tell. */
  state?: 'idle' | 'running' | 'paused' | 'done';
  counts: CampaignCounts;
}

/** A person in a campaign, and what the placeholders mean for this person. */
export interface Addressee {
  to: Address;
  name?: string;
  /** By `group.field`. */
  values: Readonly<Record<string, string>>;
}

/** What a message of a campaign has become; it only moves up, but for `failed`, which a later success corrects. */
export type RecipientStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** What a provider tells of one person in a campaign. */
export interface RecipientResult {
  to: Address;
  /** Missing where the provider tells of the person and not of the message. */
  status?: RecipientStatus;
  /** `not_on_channel`: cannot be reached there at all. Otherwise the provider's word. */
  reason?: string;
  /** The button the person pressed. */
  answer?: { label: string; value: string };
}

/** Which campaign a message belongs to, or answers. */
export interface Attribution {
  /** The name of the campaign at the application. */
  campaign: string;
  run: string;
  /** The account that sent it. */
  account: string;
  /** ISO 8601, UTC: when it was sent. */
  at: string;
}
