import type { Json, JsonObject } from '../json.js';

/** A button as it was created, always with its type. */
export interface Button {
  text: string;
  type: 'input' | 'journey' | 'phone' | 'url';
  input?: string;
  journeyId?: string;
  phoneNumber?: string;
  url?: string;
}

export interface Audience {
  id: string;
  name: string;
  description?: string;
  /** Digits. */
  numbers: Set<string>;
}

export interface VariableGroup {
  id: string;
  /** What placeholders use. */
  name: string;
  description?: string;
  fields: string[];
  /** Values by field, by digits. A row is replaced, never changed: runs hold on to what they sent. */
  rows: Map<string, Readonly<Record<string, string>>>;
}

export interface InputGroup {
  id: string;
  /** The title of the campaign whose buttons fill it. */
  name: string;
  description?: string;
  inputs: { number: string; input: string; at: string }[];
}

/** The statuses of WhatsApp's templates. Another one is possible: `setTemplateStatus` takes any text. */
export type TemplateStatus =
  | 'PENDING'
  | 'APPROVED'
  | 'REJECTED'
  | 'PAUSED'
  | 'DISABLED'
  | 'IN_APPEAL'
  | 'PENDING_DELETION'
  | (string & {});

/** What became of a recipient, once all is said and done. Their order is that of the numbers kept in `ends`. */
export const ENDS = ['sendError', 'notOnWhatsApp', 'deliveryError', 'sent', 'delivered', 'read'] as const;
export type End = (typeof ENDS)[number];
export type RecipientStatus = End | 'queued';

/** Recipients of a run, column by column: there may be a million. Times are milliseconds after the run began. */
export interface Recipients {
  numbers: string[];
  /** Values of the placeholders, in their order. */
  values: (readonly string[])[];
  ends: Uint8Array;
  sentAfter: Float64Array;
  deliveredAfter: Float64Array;
  readAfter: Float64Array;
}

/** `held`: until its template is approved. `refused`: the balance did not cover it when its time came. */
export type RunState = 'held' | 'scheduled' | 'started' | 'refused' | 'dropped';

export interface Run {
  runId: string;
  audiences: string[];
  state: RunState;
  /** When it was asked for, epoch milliseconds. */
  createdAt: number;
  /** When it is to begin, epoch milliseconds. */
  timeToRun?: number;
  startedAt?: number;
  cost: number;
  recipients: Recipients;
}

export interface Campaign {
  campaignId: string;
  title: string;
  message: string;
  messageExample?: string;
  imgUrl?: string;
  buttons: Button[];
  /** As answers show it: `en_US`. */
  locale: string;
  templateType: string;
  status: TemplateStatus;
  /** When the template is decided, epoch milliseconds; absent when it is not, or somebody does it by hand. */
  decidedAt?: number;
  createdAt: number;
  runs: Run[];
  /** The latest press of a number. */
  presses: Map<string, { text: string; input: string; at: number }>;
}

export interface Account {
  apiKey: string;
  balance: number;
  audiences: Map<string, Audience>;
  /** By id. */
  variableGroups: Map<string, VariableGroup>;
  /** By name. */
  inputGroups: Map<string, InputGroup>;
  campaigns: Map<string, Campaign>;
  offPlatformTemplates: Map<string, OffPlatformTemplate>;
  images: Map<string, { type: string; base64: string }>;
  journeys: Map<string, JsonObject>;
  taskGroups: Map<string, Json>;
  products: Map<string, JsonObject>;
}

/** A template of the WhatsApp account that was not made through Chat Inc. */
export interface OffPlatformTemplate {
  templateId: string;
  name: string;
  message: string;
  locale: string;
  templateType: string;
  imgUrl?: string;
  buttons: Button[];
}

/** Nobody yet. */
export function noRecipients(): Recipients {
  return {
    numbers: [],
    values: [],
    ends: new Uint8Array(),
    sentAfter: new Float64Array(),
    deliveredAfter: new Float64Array(),
    readAfter: new Float64Array(),
  };
}
