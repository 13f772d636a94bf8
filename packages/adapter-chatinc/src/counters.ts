import type { ChatIncCampaign } from './wire/campaign.js';
import { fieldOf, isRecord } from './wire/unwrap.js';

/** What the provider counts of a campaign; what it does not tell is missing, which is not 0. */
export interface ChatIncCounters {
  sent?: number;
  delivered?: number;
  read?: number;
  sendErrors?: number;
  deliveryErrors?: number;
  /** May overlap with the errors: WhatsApp reports such a number as a failure. Never added to them. */
  notOnWhatsApp?: number;
}

/** By our name: what the provider calls it, without `total`. Only the first three were ever seen. */
const NAMES: Readonly<Record<keyof ChatIncCounters, string>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  sendErrors: 'senderrors',
  deliveryErrors: 'deliveryerrors',
  notOnWhatsApp: 'numbersnotonwhatsapp',
};

export const METRICS = Object.keys(NAMES) as (keyof ChatIncCounters)[];

/** Reads the counters wherever they stand: on the campaign, in an object of it, or summed up over its runs. */
export function readCounters(campaign: ChatIncCampaign): ChatIncCounters {
  const inner = ['results', 'stats', 'totals', 'metrics'].map((name) => campaign[name]).filter(isRecord);
  const places = [campaign, ...inner];
  const counters: ChatIncCounters = {};
  for (const metric of METRICS) {
    const found = places.map((place) => countIn(place, metric)).find((count) => count !== undefined);
    const count = found ?? sumOverRuns(campaign, metric);
    if (count !== undefined) counters[metric] = count;
  }
  return counters;
}

function countIn(place: Record<string, unknown>, metric: keyof ChatIncCounters): number | undefined {
  const name = NAMES[metric];
  return toCount(fieldOf(place, `total${name}`)) ?? toCount(fieldOf(place, name));
}

function sumOverRuns({ runs }: ChatIncCampaign, metric: keyof ChatIncCounters): number | undefined {
  const counts = (runs ?? []).filter(isRecord).map((run) => countIn(run, metric));
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}

function toCount(value: unknown): number | undefined {
  if (typeof value === 'string' && value.trim() === '') return undefined;
  const count = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isInteger(count) && count >= 0 ? count : undefined;
}

export interface ChatIncRates {
  /** Delivered of sent. */
  deliveryRate?: number;
  /** Read of delivered. */
  readRate?: number;
}

/** From 0 to 1. The provider promises rates and does not say of what, so these are ours. */
export function ratesOf({ sent, delivered, read }: ChatIncCounters): ChatIncRates {
  const rates: ChatIncRates = {};
  if (sent && delivered !== undefined) rates.deliveryRate = delivered / sent;
  if (delivered && read !== undefined) rates.readRate = read / delivered;
  return rates;
}
