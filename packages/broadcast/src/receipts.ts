import { type Event, type Receipt, receiptFor } from '@parley/core';
import type { IncomingTurn } from './broadcast-bot.js';
import { reachOfCampaign, runOfCampaign } from './campaign-run.js';
import type { Learned } from './outcomes.js';
import { learn } from './outcomes.js';
import {
  type ConversationReach,
  type Reach,
  reachesOfConversation,
  rememberConversation,
} from './reached.js';
import { change, type Place, read } from './state-access.js';
import type { RunStore } from './store.js';

/** How far a provider's clock may be behind ours. */
const CLOCK_SKEW_MS = 60_000;

/** What an event tells of a recipient: a message has arrived, was read, failed, was answered by a button. */
export async function learnFrom(store: RunStore, turn: IncomingTurn, isSending: boolean): Promise<void> {
  const { event, choice } = turn;
  switch (event.name) {
    case 'message.delivered':
    case 'message.read':
    case 'message.failed':
    case 'message.updated':
      return learnReceipt(store, event, isSending);
    case 'message.sent':
      return learnId(store, event);
    case 'message.received':
      return choice === undefined ? undefined : learnAnswer(store, event, choice.label ?? choice.value);
    case 'campaign.progress':
      return learnCounts(store, event);
    default:
      return undefined;
  }
}

async function learnReceipt(store: RunStore, event: Event, isSending: boolean): Promise<void> {
  const found = receiptFor(event);
  if (found === undefined) return;
  const { messageId, receipt } = found;
  let reach = await reachOfEvent(store, event, messageId);
  if (reach === undefined && isSending && 'conversationId' in event && event.conversationId !== undefined) {
    // Left for whoever sends; then looked again, since that one looks after having said whose the message is.
    await leaveEarly(store, event.conversationId, messageId, receipt);
    reach = await reachOfEvent(store, event, messageId);
  }
  if (reach !== undefined) await tell(store, reach, learnedFrom(receipt));
}

function learnedFrom({ status: outcome, reason }: Receipt): Omit<Learned, 'place'> {
  return { outcome, afterSent: true, ...(reason !== undefined && { reason }) };
}

/** Milliseconds in which whoever sends has said whose a message is. */
const EARLY_MS = 3_600_000;

const earlyPlace = (conversationId: string, messageId: string): Place => ({
  scope: conversationId,
  kind: `early:${messageId}`,
});

async function leaveEarly(
  { state }: RunStore,
  conversationId: string,
  messageId: string,
  receipt: Receipt,
): Promise<void> {
  await change<Receipt>(state, earlyPlace(conversationId, messageId), () => ({
    value: receipt,
    expiresAt: state.clock.now() + EARLY_MS,
  }));
}

/** What came before anybody knew whose the message is. */
export async function takeEarly(
  { state }: RunStore,
  conversationId: string,
  messageId: string,
): Promise<Omit<Learned, 'place'>> {
  const receipt = await read<Receipt>(state, earlyPlace(conversationId, messageId));
  return receipt === undefined ? {} : learnedFrom(receipt);
}

async function reachOfEvent(store: RunStore, event: Event, messageId: string): Promise<Reach | undefined> {
  if ('campaign' in event && event.campaign !== undefined)
    return reachOfCampaign(store.state, event.campaign);
  if (!('conversationId' in event) || event.conversationId === undefined) return undefined;
  const reaches = await reachesOfConversation(store.state, event.conversationId);
  const known = reaches.find((reach) => reach.messageId === messageId);
  if (known !== undefined) return known;
  // Where the provider did not say which message is the campaign's, it is the first that we hear of afterwards.
  const at = 'message' in event ? event.message.createdAt : event.at;
  const open = reaches.findLast((reach) => reach.messageId === undefined && isAfter(at, reach));
  if (open !== undefined)
    await rememberConversation(store.state, event.conversationId, { ...open, messageId });
  return open;
}

function isAfter(at: string, reach: ConversationReach): boolean {
  return Date.parse(at) >= Date.parse(reach.at) - CLOCK_SKEW_MS;
}

/** The echo of the campaign's message tells its id. */
async function learnId(store: RunStore, event: Extract<Event, { name: 'message.sent' }>): Promise<void> {
  if (event.message.author.self === true) await reachOfEvent(store, event, event.message.id);
}

async function learnAnswer(
  store: RunStore,
  event: Extract<Event, { name: 'message.received' }>,
  answer: string,
): Promise<void> {
  const reach =
    event.campaign === undefined
      ? (await reachesOfConversation(store.state, event.conversationId))[0]
      : await reachOfCampaign(store.state, event.campaign);
  if (reach !== undefined) await tell(store, reach, { answer });
}

async function learnCounts(
  store: RunStore,
  { campaignId, counts }: Extract<Event, { name: 'campaign.progress' }>,
): Promise<void> {
  const run = counts === undefined ? undefined : await runOfCampaign(store.state, campaignId);
  if (run === undefined || counts === undefined) return;
  if ((await store.header(run)) === undefined) return;
  await store.changeHeader(run, ({ native }) =>
    native?.requestedAt === undefined
      ? undefined
      : { native: { ...native, counts: { ...native.counts, ...counts } } },
  );
}

/** Of a run that is still kept. */
async function tell(store: RunStore, reach: Reach, learned: Omit<Learned, 'place'>): Promise<void> {
  const header = await store.header(reach.run);
  if (header?.plan !== reach.plan) return;
  const size = (await store.outcomes(header, reach.chunk))?.letters.length;
  const recipients = size ?? (await store.recipients(header, reach.chunk)).length;
  await store.changeOutcomes(header, reach.chunk, recipients, (outcomes) =>
    learn(outcomes, [{ ...learned, place: reach.place }]),
  );
}
