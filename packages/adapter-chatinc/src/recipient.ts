import { fromChatIncNumber } from './numbers.js';
import type { ChatIncButton, ChatIncDetailsRow } from './wire/campaign.js';
import { fieldOf, plainName } from './wire/unwrap.js';

export type ChatIncRecipientStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** Why a message did not arrive. */
export type ChatIncFailure = 'send_error' | 'delivery_error' | 'not_on_channel';

/** What a row of a campaign's details says, as far as that can be told. */
export interface ChatIncRecipient {
  /** E.164. */
  number: string;
  status?: ChatIncRecipientStatus;
  reason?: ChatIncFailure;
  /** The button that was pressed. */
  press?: { text: string; input: string };
  /** An `action` that is neither a state nor one of the campaign's buttons. */
  action?: string;
}

interface State {
  status: ChatIncRecipientStatus;
  reason?: ChatIncFailure;
}

const FAILED: State = { status: 'failed' };
const SEND_ERROR: State = { status: 'failed', reason: 'send_error' };
const DELIVERY_ERROR: State = { status: 'failed', reason: 'delivery_error' };
const NOT_ON_CHANNEL: State = { status: 'failed', reason: 'not_on_channel' };

/** Words for a state, as `plainName` writes them. None is documented. */
const STATES: Readonly<Record<string, State>> = {
  read: { status: 'read' },
  delivered: { status: 'delivered' },
  sent: { status: 'sent' },
  failed: FAILED,
  error: FAILED,
  senderror: SEND_ERROR,
  senderrors: SEND_ERROR,
  deliveryerror: DELIVERY_ERROR,
  deliveryerrors: DELIVERY_ERROR,
  undelivered: DELIVERY_ERROR,
  notonwhatsapp: NOT_ON_CHANNEL,
  numbernotonwhatsapp: NOT_ON_CHANNEL,
  numbersnotonwhatsapp: NOT_ON_CHANNEL,
};

/** Words that an `action` is a state by. */
const ACTION_STATES: readonly string[] = ['sent', 'delivered', 'read', 'failed', 'error'];

/**
 * Reads one row. The state is taken from a column of that meaning, else from columns named after states, else from `action`; where none
 * of them tells, it is missing.
 *
 * @returns undefined where the number is none
 */
export function readRecipient(
  row: ChatIncDetailsRow,
  buttons: readonly Partial<ChatIncButton>[],
): ChatIncRecipient | undefined {
  const number = fromChatIncNumber(row.number);
  if (number === undefined) return undefined;
  const action = row.action?.trim() ?? '';
  const pressed = action === '' ? undefined : pressOf(action, buttons);
  const state =
    stateIn(fieldOf(row, 'status', 'state', 'result')) ??
    stateByColumns(row) ??
    (pressed === undefined && ACTION_STATES.includes(plainName(action)) ? stateIn(action) : undefined);
  const isState = ACTION_STATES.includes(plainName(action));
  return {
    number,
    ...state,
    ...(pressed !== undefined && { press: pressed }),
    ...(pressed === undefined && action !== '' && !isState && { action }),
  };
}

function stateIn(value: unknown): State | undefined {
  if (typeof value !== 'string') return undefined;
  const word = plainName(value);
  return Object.hasOwn(STATES, word) ? STATES[word] : undefined;
}

/** Columns such as `delivered` that say yes or when. The furthest one counts, failures last: a read message was not lost. */
function stateByColumns(row: ChatIncDetailsRow): State | undefined {
  for (const [word, state] of Object.entries(STATES)) if (saysYes(fieldOf(row, word))) return state;
  return undefined;
}

function saysYes(value: unknown): boolean {
  if (typeof value === 'string') return !/^\s*(?:|0|no|false|null|undefined|-)\s*$/i.test(value);
  return value === true || (typeof value === 'number' && value > 0);
}

function pressOf(
  action: string,
  buttons: readonly Partial<ChatIncButton>[],
): ChatIncRecipient['press'] | undefined {
  const said = action.toLowerCase();
  for (const { text, input } of buttons) {
    if (text === undefined) continue;
    const says = [text, input].some((one) => one?.trim().toLowerCase() === said);
    if (says) return { text, input: input ?? text };
  }
  return undefined;
}
