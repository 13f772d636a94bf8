import { digitsOf } from './numbers.js';
import { fillIn } from './placeholders.js';
import { inputGroupNamed, type Platform } from './platform.js';
import { markRead, statusAt } from './progress.js';
import type { Account, Button, Campaign, RecipientStatus, Run } from './records.js';

/** A message on its way to a phone, or there. */
export interface PhoneMessage {
  campaignId: string;
  runId: string;
  /** Digits. */
  number: string;
  /** With its values. */
  text: string;
  imgUrl?: string;
  buttons: Button[];
  status: RecipientStatus;
  /** When the run began, ISO 8601. */
  at: string;
}

export interface PressOptions {
  /** Label or `input` of the button. */
  button: string;
  /** Default: the latest message that has such a button. */
  campaignId?: string;
}

/** All messages of a number, in the order of their runs, whatever became of them. */
export function messagesOf({ clock }: Platform, account: Account, number: string): PhoneMessage[] {
  const now = clock.now();
  return sendings(account, number).map(({ campaign, run, index }) => {
    const { message, buttons } = fillIn(campaign, run.recipients.values[index] ?? []);
    return {
      campaignId: campaign.campaignId,
      runId: run.runId,
      number: run.recipients.numbers[index] ?? '',
      text: message,
      ...(campaign.imgUrl !== undefined && { imgUrl: campaign.imgUrl }),
      buttons: [...buttons],
      status: statusAt(run, index, now),
      at: new Date(run.startedAt ?? 0).toISOString(),
    };
  });
}

export const isReceived = ({ status }: PhoneMessage): boolean => status === 'delivered' || status === 'read';

interface Sending {
  campaign: Campaign;
  run: Run;
  index: number;
}

function sendings({ campaigns }: Account, number: string): Sending[] {
  const digits = digitsOf(number);
  if (digits === undefined) throw new TypeError('expected a phone number of 7 to 15 digits');
  return [...campaigns.values()]
    .flatMap((campaign) =>
      campaign.runs.map((run) => ({ campaign, run, index: run.recipients.numbers.indexOf(digits) })),
    )
    .filter(({ index }) => index >= 0)
    .sort((one, other) => (one.run.startedAt ?? 0) - (other.run.startedAt ?? 0));
}

/**
 * Somebody presses a button: they have read the message then, and what it sends is in the details and in the input group.
 *
 * @throws TypeError when no message with such a button reached the number; buttons that call or open a page tell nobody
 */
export function press(
  { clock }: Platform,
  account: Account,
  number: string,
  { button: wanted, campaignId }: PressOptions,
): void {
  const at = clock.now();
  for (const { campaign, run, index } of sendings(account, number).reverse()) {
    if (campaignId !== undefined && campaign.campaignId !== campaignId) continue;
    const button = campaign.buttons.find(({ text, input }) => text === wanted || input === wanted);
    if (button === undefined) continue;
    if (button.type === 'phone' || button.type === 'url')
      throw new TypeError(`a ${button.type} button tells nobody that it was pressed`);
    if (!markRead(run, index, at)) continue;
    const digits = run.recipients.numbers[index] ?? '';
    const input = button.input ?? button.text;
    campaign.presses.set(digits, { text: button.text, input, at });
    if (button.type === 'input')
      inputGroupNamed(account, campaign.title).inputs.push({ number: digits, input, at: clock.iso() });
    return;
  }
  throw new TypeError(`no message with a button "${wanted}" reached this number`);
}
