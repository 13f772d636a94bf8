import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { optionalTexts, optionalTime } from './body.js';
import { ChatIncError, invalid } from './errors.js';
import { placeholdersOf, valueSource } from './placeholders.js';
import { numbersOf, type Platform } from './platform.js';
import { endIndex } from './progress.js';
import { type Account, type Campaign, noRecipients, type Recipients, type Run } from './records.js';

interface RunRequest {
  audiences: string[];
  /** Epoch milliseconds. */
  timeToRun?: number;
}

/** `audiences` and `timeToRun` of a request, checked; `otherwise` stands in for audiences that are not given. */
export function readRunRequest(account: Account, body: JsonObject, otherwise: string[] = []): RunRequest {
  const audiences = optionalTexts(body, 'audiences') ?? otherwise;
  if (audiences.length === 0) throw invalid('audiences is required');
  for (const id of audiences) {
    const numbers = numbersOf(account, id);
    if (numbers === undefined) throw invalid(`unknown audience "${id}"`);
    if (numbers.size === 0) throw invalid(`audience "${id}" is empty`);
  }
  const timeToRun = optionalTime(body, 'timeToRun');
  return { audiences, ...(timeToRun !== undefined && { timeToRun }) };
}

/** Begins a run, or waits for its time or for the approval of its template. */
export function askForRun(
  platform: Platform,
  account: Account,
  campaign: Campaign,
  request: RunRequest,
): Run {
  const numbers = recipientNumbers(account, request.audiences);
  if (!isCovered(platform, account, numbers.length)) throw new ChatIncError(402, 'insufficient balance');
  const run: Run = {
    runId: randomUUID(),
    ...request,
    state: 'held',
    createdAt: platform.clock.now(),
    cost: 0,
    recipients: noRecipients(),
  };
  campaign.runs.push(run);
  proceed(platform, account, campaign, run);
  return run;
}

/** Moves a run on as far as its template and its time allow. */
export function proceed(platform: Platform, account: Account, campaign: Campaign, run: Run): void {
  if (run.state !== 'held' && run.state !== 'scheduled') return;
  if (campaign.status !== 'APPROVED') {
    // What was approved once and is not any more does not come back in time; what was refused never does.
    if (run.state === 'scheduled' || campaign.status === 'REJECTED') run.state = 'dropped';
    return;
  }
  const waitMs = (run.timeToRun ?? 0) - platform.clock.now();
  if (waitMs <= 0) return begin(platform, account, campaign, run);
  run.state = 'scheduled';
  platform.clock.after(waitMs, () => proceed(platform, account, campaign, run));
}

function begin(platform: Platform, account: Account, campaign: Campaign, run: Run): void {
  const numbers = recipientNumbers(account, run.audiences);
  if (!isCovered(platform, account, numbers.length)) {
    run.state = 'refused';
    return;
  }
  run.state = 'started';
  run.startedAt = platform.clock.now();
  run.cost = numbers.length * platform.switches.pricePerMessage;
  account.balance -= run.cost;
  run.recipients = decideFates(platform, account, campaign, numbers);
}

function isCovered({ switches }: Platform, { balance }: Account, messages: number): boolean {
  return switches.lowBalance === 'allow' || messages * switches.pricePerMessage <= balance;
}

function recipientNumbers(account: Account, audiences: readonly string[]): string[] {
  const distinct = new Set<string>();
  for (const id of audiences) for (const number of numbersOf(account, id) ?? []) distinct.add(number);
  return [...distinct];
}

const NO_VALUES: readonly string[] = [];

/** What each message will say, and what will become of it and when. */
function decideFates(
  { switches, dice, notOnWhatsApp }: Platform,
  account: Account,
  campaign: Campaign,
  numbers: string[],
): Recipients {
  const sources = placeholdersOf(campaign).map((placeholder) => valueSource(account, placeholder));
  const recipients: Recipients = {
    numbers,
    values: [],
    ends: new Uint8Array(numbers.length),
    sentAfter: new Float64Array(numbers.length),
    deliveredAfter: new Float64Array(numbers.length),
    readAfter: new Float64Array(numbers.length),
  };
  for (const [index, number] of numbers.entries()) {
    const found: readonly (string | undefined)[] =
      sources.length === 0 ? NO_VALUES : sources.map((valueFor) => valueFor(number));
    const isIncomplete = found.includes(undefined);
    recipients.values.push(isIncomplete ? found.map((value) => value ?? '') : (found as readonly string[]));
    // Every roll is made for every recipient: what happens to one does not depend on the others.
    const [sendFails, deliveryFails] = [
      dice.roll() < switches.sendErrorRate,
      dice.roll() < switches.deliveryErrorRate,
    ];
    const [delivered, read] = [dice.roll() < switches.deliveredRate, dice.roll() < switches.readRate];
    const sentAfter = Math.round(dice.roll() * switches.sentWithinMs);
    const deliveredAfter = sentAfter + Math.round(dice.roll() * switches.deliveredWithinMs);
    recipients.sentAfter[index] = sentAfter;
    recipients.deliveredAfter[index] = deliveredAfter;
    recipients.readAfter[index] = deliveredAfter + Math.round(dice.roll() * switches.readWithinMs);
    recipients.ends[index] = endIndex(
      notOnWhatsApp.has(number)
        ? 'notOnWhatsApp'
        : sendFails || (isIncomplete && switches.missingVariable === 'sendError')
          ? 'sendError'
          : deliveryFails
            ? 'deliveryError'
            : !delivered
              ? 'sent'
              : read
                ? 'read'
                : 'delivered',
    );
  }
  return recipients;
}
