import type { Json, JsonObject } from '../json.js';
import type { Platform } from './platform.js';
import { type Counts, countsAt } from './progress.js';
import type { Button, Campaign, Run } from './records.js';

/** A run counts as recent for this long. */
const ACTIVE_FOR_MS = 72 * 3_600_000;

/** A campaign as the list shows it. */
export function shownCampaign(platform: Platform, campaign: Campaign): JsonObject {
  const { switches, clock } = platform;
  const at = clock.now() - switches.statsLagMs;
  const counts = countsAt(campaign.runs, at);
  const { sent, delivered, read } = shownCounts(platform, counts);
  return {
    campaignId: campaign.campaignId,
    templateId: campaign.campaignId,
    title: campaign.title,
    message: campaign.message,
    locale: campaign.locale,
    ...(campaign.imgUrl !== undefined && { imgUrl: campaign.imgUrl }),
    variables: [],
    buttons: campaign.buttons.map((button) => shownButton(platform, button)),
    runs: switches.listRuns ? campaign.runs.map((run) => shownRun(platform, run, at)) : [],
    totalSent: sent,
    totalDelivered: delivered,
    totalRead: read,
    ...errorCounters(platform, counts),
    whatsAppTemplatesStatus: campaign.status,
  };
}

function shownButton({ switches }: Platform, { input, ...button }: Button): JsonObject {
  return switches.listButtonInput && input !== undefined ? { ...button, input } : { ...button };
}

function shownRun(platform: Platform, run: Run, at: number): JsonObject {
  const { sent, delivered, read } = shownCounts(platform, countsAt([run], at));
  const { runId, audiences, timeToRun } = run;
  return {
    runId,
    audiences,
    ...(timeToRun !== undefined && { timeToRun: Math.floor(timeToRun / 1000) }),
    totalSent: sent,
    totalDelivered: delivered,
    totalRead: read,
  };
}

function shownCounts({ switches }: Platform, counts: Counts): { [K in keyof Counts]: Json } {
  if (switches.counters === 'number') return { ...counts };
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)])) as never;
}

/** The documentation names these counters, and no field of the sample holds them. */
function errorCounters(platform: Platform, counts: Counts): JsonObject {
  const shown = shownCounts(platform, counts);
  const errors = {
    SendErrors: shown.sendErrors,
    DeliveryErrors: shown.deliveryErrors,
    NumbersNotOnWhatsApp: shown.notOnWhatsApp,
  };
  switch (platform.switches.errorCounters) {
    case 'absent':
      return {};
    case 'total':
      return Object.fromEntries(Object.entries(errors).map(([name, count]) => [`total${name}`, count]));
    case 'results':
      return {
        results: {
          Sent: shown.sent,
          Delivered: shown.delivered,
          Read: shown.read,
          ...errors,
          deliveryRate: counts.sent === 0 ? 0 : counts.delivered / counts.sent,
          readRate: counts.delivered === 0 ? 0 : counts.read / counts.delivered,
        },
      };
  }
}

/** What `active=true` lists: the provider does not say what active means. */
export function isActive({ clock }: Platform, { status, runs }: Campaign): boolean {
  if (status === 'REJECTED' || status === 'DISABLED') return false;
  const isRecent = ({ state, startedAt }: Run) =>
    state === 'held' ||
    state === 'scheduled' ||
    (startedAt !== undefined && clock.now() - startedAt < ACTIVE_FOR_MS);
  return runs.length === 0 || runs.some(isRecent);
}
