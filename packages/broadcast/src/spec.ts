import type { Template } from '@parley/core';

/** What a campaign file says, and what `plan` and `run` take: which words go to whom, through which account. */
export interface CampaignSpec {
  /** The name of the campaign here: a letter, then letters, digits, `-` or `_`, at most 40. */
  name: string;
  /** What people see who work at the provider. Default: the name. */
  title?: string;
  /** The account of the bot that sends it. */
  account: string;
  template: CampaignTemplate;
  audience: readonly AudienceSource[];
  /** Values of placeholders, by group: `{order.first_name}` is the field `first_name` of the group `order`. */
  variables?: Readonly<Record<string, VariableSource>>;
  /** ISO 8601: when it goes out. Default: now. */
  at?: string;
  /**
   * `native`: as a campaign of the provider. `person`: one message after the other, by our own runner. Default: `native`
   * where the provider can, else `person`.
   */
  via?: Via;
  /** The channel to reach people by, where the provider has several. Default `whatsapp` for phone numbers, else `email`. */
  channel?: string;
  /** Two letters (ISO 3166): the country of phone numbers that are written without one. Default: such numbers are wrong. */
  country?: string;
}

export type Via = 'native' | 'person';

export interface CampaignTemplate extends Template {
  /** Templates that were approved beforehand, by provider: where there is one, it is sent in place of `body`. */
  approved?: Readonly<Record<string, ApprovedTemplate>>;
}

/** A template that the provider keeps, for example a WhatsApp template at Web1on1. */
export interface ApprovedTemplate {
  /** The provider's id of it. */
  id: string;
  name?: string;
  /** Its placeholders, by what fills them: `{ Workshop: 'order.location' }`. Default: each field of `body` under its own name. */
  variables?: Readonly<Record<string, string>>;
}

/** People: from a CSV file, or named here. Columns and further keys are the fields of the group `contact`. */
export type AudienceSource = CsvSource | { contacts: readonly Readonly<Record<string, string>>[] };

/** A group's values: a row per person, found by phone number or e-mail address. */
export type VariableSource = CsvSource | { rows: readonly Readonly<Record<string, string>>[] };

export interface CsvSource {
  /** Relative to the campaign file. The first line names the columns. */
  file: string;
  /** The column of the phone number. Default: `phone`, `number`, or a name that is often used for one. */
  phone?: string;
  /** The column of the e-mail address. Default `email`. */
  email?: string;
  /** The column of the person's name. Default `name`. */
  name?: string;
}
