import { createHash } from 'node:crypto';
import type { CampaignCounts, Event, EventMap, EventName, RecipientStatus } from '@parley/core';
import { toId } from '@parley/core';
import { readCounters } from './counters.js';
import { toCounts } from './from-chatinc.js';
import { fromChatIncLanguage } from './language.js';
import { createPeople, type Person } from './people.js';
import type { Reading } from './readings.js';
import { fromTemplateStatus } from './template-status.js';
import type { Watched } from './watch.js';
import type { ChatIncCampaign } from './wire/campaign.js';

/** Where and when a comparison is made. */
export interface Moment {
  account: string;
  /** Epoch milliseconds. The provider tells no times: this is when it was seen. */
  now: number;
  keepRaw: boolean;
}

/** What a campaign looks like that nothing was told of. */
function newlyWatched(now: number): Watched {
  return {
    status: 'pending',
    changes: 0,
    counts: {},
    run: 0,
    startedAt: 0,
    changedAt: now,
    done: false,
    detailsAt: 0,
    detailsDue: false,
  };
}

/** What has changed of a campaign since it was told of last, and what is told of it now. Events first, then the state after them. */
export function compareCampaign(
  known: Watched | undefined,
  campaign: ChatIncCampaign,
  moment: Moment,
): { events: Event[]; after: Watched; decreased: boolean } {
  const { campaignId } = campaign;
  const { now } = moment;
  const before = known ?? newlyWatched(now);
  const after: Watched = { ...before };
  const events: Event[] = [];
  const tell = eventsOf(moment, campaign);
  if (known === undefined) events.push(tell.event('campaign.created', [campaignId], { campaignId: tell.id }));

  const status = fromTemplateStatus(campaign.whatsAppTemplatesStatus);
  if (status !== before.status) {
    after.status = status;
    after.changes += 1;
    const told = { campaignId: tell.id, status, previous: before.status };
    events.push(tell.event('template.updated', [campaignId, after.changes, status], told));
  }

  const { counts, increased, decreased } = grown(before.counts, toCounts(readCounters(campaign)));
  const hasSent = (counts.sent ?? 0) > 0;
  const run = Math.max(campaign.runs?.length ?? 0, hasSent ? 1 : 0, before.run);
  if (run > before.run) {
    Object.assign(after, { run, startedAt: now, changedAt: now, done: false, detailsDue: true });
    // Before a first run there is nobody of whom something was told.
    if (before.run === 0) after.people = createPeople();
    events.push(tell.event('campaign.started', [campaignId, run], { campaignId: tell.id }));
  }
  if (increased) {
    Object.assign(after, { counts, changedAt: now, detailsDue: true });
    const value = [campaignId, run, JSON.stringify(counts)];
    events.push(tell.event('campaign.progress', value, { campaignId: tell.id, counts }));
  }
  return { events, after, decreased };
}

/** The run is over: nothing has changed for long and everybody's fate is known, or it is long ago. */
export function compareWithTime(
  before: Watched,
  campaign: ChatIncCampaign,
  moment: Moment,
  { settleMs, maxWatchMs }: { settleMs: number; maxWatchMs: number },
): { events: Event[]; after: Watched } {
  const { people, ...rest } = before;
  const { run, done, changedAt, startedAt, counts } = before;
  if (done && people !== undefined && moment.now - changedAt >= maxWatchMs)
    return { events: [], after: rest };
  const { sent = 0, delivered = 0, failed = 0 } = counts;
  const isSettled = moment.now - changedAt >= settleMs && sent > 0 && delivered + failed >= sent;
  const isOld = moment.now - startedAt >= maxWatchMs;
  if (run === 0 || done || !(isSettled || isOld)) return { events: [], after: before };
  const tell = eventsOf(moment, campaign);
  const event = tell.event('campaign.completed', [campaign.campaignId, run], { campaignId: tell.id });
  return { events: [event], after: { ...before, done: true } };
}

const STEPS: readonly RecipientStatus[] = ['sent', 'delivered', 'read'];
/** A step that a later success corrects. */
const FAILED = -1;

/** What has become of one person's message since it was told of last: each step once, with the ones it implies. */
export function compareRecipient(
  before: Person | undefined,
  { recipient, row }: Reading,
  campaign: ChatIncCampaign,
  run: number,
  moment: Moment,
): { events: Event[]; after: Person } {
  const { number, status, reason, press, action } = recipient;
  const [told = 0, toldOf = run, pressed] = before ?? [];
  const step = status === 'failed' ? FAILED : status === undefined ? 0 : STEPS.indexOf(status) + 1;
  // A row is of the campaign, not of a run: the first change after a run began belongs to that run.
  const isNewRun = toldOf < run && step !== 0 && step !== told;
  const from = isNewRun ? 0 : told;
  const tell = eventsOf(moment, campaign, { raw: row });
  const key = [campaign.campaignId, isNewRun ? run : toldOf, number];
  const about = aboutMessage(moment.account, campaign, key.join(':').replace('+', ''), number);
  const events: Event[] = [];
  // What arrived was not lost, whatever is said afterwards.
  const isLost = step === FAILED && (from === 0 || from === 1);
  if (isLost) {
    events.push(tell.event('message.failed', key, { ...about.message, ...(reason && { reason }) }));
  }
  for (let each = Math.max(from, 0); each < step; each += 1) {
    const name = STEPS[each] ?? 'sent';
    if (name === 'sent') events.push(tell.event('message.sent', key, about.sent(tell.at)));
    else if (name !== 'failed') events.push(tell.event(`message.${name}`, key, about.message));
  }
  const isPress = press !== undefined && press.text !== pressed;
  if (isPress) {
    const id = [...key, press.text];
    events.push(tell.event('message.received', id, about.press(press, hash(id), tell.at)));
  }
  // Nobody knows what it means: whoever keeps what the provider says gets it as it came.
  if (action !== undefined && action !== pressed && moment.keepRaw) {
    events.push(tell.event('campaign.progress', [...key, action], { campaignId: tell.id }));
  }
  const next = isLost ? FAILED : Math.max(step, from);
  const last = press?.text ?? action ?? pressed;
  const of = isNewRun ? run : toldOf;
  return { events, after: last === undefined ? [next, of] : [next, of, last] };
}

/** The ids and records of one person's message; the words are the template's and its values, which cannot be read back. */
function aboutMessage(account: string, campaign: ChatIncCampaign, messageKey: string, number: string) {
  const digits = number.replace('+', '');
  const conversationId = toId(account, digits);
  const messageId = toId(account, messageKey);
  const shared = {
    conversationId,
    campaign: { id: toId(account, campaign.campaignId), to: toAddress(number) },
  };
  const head = { account, conversationId, channel: 'whatsapp' } as const;
  return {
    message: { ...shared, messageId },
    sent: (createdAt: string): Told<'message.sent'> => ({
      ...shared,
      message: {
        ...head,
        id: messageId,
        direction: 'out',
        author: { role: 'bot', self: true },
        content: {
          kind: 'template',
          template: campaign.templateId ?? campaign.campaignId,
          ...(campaign.title && { name: campaign.title }),
          ...(campaign.locale && { language: fromChatIncLanguage(campaign.locale) }),
          variables: {},
        },
        status: 'sent',
        createdAt,
      },
    }),
    press: (
      press: { text: string; input: string },
      key: string,
      createdAt: string,
    ): Told<'message.received'> => ({
      ...shared,
      message: {
        ...head,
        id: toId(account, `press:${key}`),
        direction: 'in',
        author: { role: 'contact', id: conversationId },
        content: { kind: 'choice', value: press.input, label: press.text },
        createdAt,
      },
    }),
  };
}

function toAddress(value: string): { channel: string; value: string } {
  return { channel: 'whatsapp', value };
}

/** What an event says, beside what all of them say. */
type Told<Name extends EventName> = Omit<
  EventMap[Name],
  'name' | 'id' | 'provider' | 'account' | 'at' | 'native' | 'raw'
>;

/** @param ofDetails what is told comes from a row of the details: the row, where it is kept */
function eventsOf(
  { account, now, keepRaw }: Moment,
  campaign: ChatIncCampaign,
  ofDetails?: { raw: Reading['row'] },
) {
  const at = new Date(now).toISOString();
  return {
    at,
    id: toId(account, campaign.campaignId),
    event: <Name extends EventName>(
      name: Name,
      key: readonly (string | number)[],
      told: Told<Name>,
    ): EventMap[Name] =>
      ({
        name,
        // Made of what it says: a comparison that is made again gives the same id.
        id: toId(account, hash([name, ...key])),
        provider: 'chatinc',
        account,
        at,
        native: ofDetails === undefined ? 'retrieve/campaigns' : 'retrieve/campaign',
        ...(keepRaw && { raw: ofDetails === undefined ? campaign : ofDetails.raw }),
        ...told,
      }) as EventMap[Name],
  };
}

function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 24);
}

/** Counters never go down: a smaller one is an older one. */
function grown(
  before: CampaignCounts,
  now: CampaignCounts,
): { counts: CampaignCounts; increased: boolean; decreased: boolean } {
  const counts: CampaignCounts = { ...before };
  let increased = false;
  let decreased = false;
  for (const metric of ['sent', 'delivered', 'read', 'failed'] as const) {
    const count = now[metric];
    if (count === undefined) continue;
    if (count < (before[metric] ?? 0)) decreased = true;
    else if (count > (before[metric] ?? 0)) increased = true;
    counts[metric] = Math.max(count, before[metric] ?? 0);
  }
  return { counts, increased, decreased };
}
