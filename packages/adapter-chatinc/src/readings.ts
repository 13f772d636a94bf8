import { setImmediate } from 'node:timers/promises';
import type { CallOptions } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { ChatIncApi } from './client/api.js';
import type { ChatIncConfig } from './config.js';
import { readCounters } from './counters.js';
import { type ChatIncRecipient, readRecipient } from './recipient.js';
import type { ChatIncCampaign, ChatIncDetailsRow } from './wire/campaign.js';

/** Then everybody else gets a turn: a hundred thousand rows take a while. */
const ROWS_AT_ONCE = 2_000;

export interface Reading {
  /** With an `action` that says nothing else only where rows were asked for. */
  recipient: ChatIncRecipient;
  /** Where it was asked for. */
  row?: ChatIncDetailsRow;
}

export interface ReadOptions extends CallOptions {
  /** Gives the rows, too: then all of them are held. Default false. */
  withRows?: boolean;
}

/** What is known of each person of a campaign. */
export interface Readings {
  read(campaign: ChatIncCampaign, options?: ReadOptions): AsyncIterable<Reading>;
  /** Whether rows tell what became of a message. Undefined until there was a row. */
  perRecipientStatus(): boolean | undefined;
}

/** Reads details in the configured format; as CSV where JSON has fewer rows than messages were sent. */
export function createReadings(
  api: ChatIncApi,
  { detailsFormat }: Pick<ChatIncConfig, 'detailsFormat'>,
): Readings {
  let withStatus: boolean | undefined;

  const readAs = async (
    format: 'json' | 'csv',
    { campaignId, buttons }: ChatIncCampaign,
    { withRows = false, ...call }: ReadOptions,
  ): Promise<Held> => {
    const held = holding(withRows);
    for await (const row of api.eachCampaignDetail({ campaignId, format }, call)) {
      held.add(row, readRecipient(row, buttons ?? []));
      if (held.rows % ROWS_AT_ONCE === 0) await setImmediate();
    }
    return held;
  };

  const readAll = async (campaign: ChatIncCampaign, options: ReadOptions): Promise<Held> => {
    const first = await readAs(detailsFormat, campaign, options);
    const { sent = 0 } = readCounters(campaign);
    if (detailsFormat === 'csv' || first.rows >= sent) return first;
    const second = await readAs('csv', campaign, options).catch(unlessUnreadable);
    return second !== undefined && second.rows > first.rows ? second : first;
  };

  return {
    read: async function* (campaign, options = {}) {
      const held = await readAll(campaign, options);
      let told = 0;
      for (const reading of held.readings()) {
        withStatus = withStatus === true || reading.recipient.status !== undefined;
        told += 1;
        if (told % ROWS_AT_ONCE === 0) await setImmediate();
        yield reading;
      }
    },
    perRecipientStatus: () => withStatus,
  };
}

type Outcome = Omit<Reading['recipient'], 'number'>;

/** What one answer says. */
interface Held {
  /** Also those that say nothing. */
  readonly rows: number;
  add(row: ChatIncDetailsRow, recipient: ChatIncRecipient | undefined): void;
  readings(): Iterable<Reading>;
}

/**
 * What is left of an answer while it is read: a number and one of a few outcomes for each person, a sixtieth of its rows. Nothing is told
 * before all of it has come: one that breaks off tells nothing, how many rows there are decides which one is told, and the provider
 * does not wait for whoever listens.
 */
function holding(withRows: boolean): Held {
  const numbers: number[] = [];
  const outcomes: Outcome[] = [];
  const kept: ChatIncDetailsRow[] = [];
  const known = new Map<string, Outcome>();
  let rows = 0;
  const shared = ({ status, reason, press, action }: Outcome): Outcome => {
    const odd = withRows ? action : undefined;
    const key = JSON.stringify([status, reason, press?.text, odd]);
    let outcome = known.get(key);
    if (outcome === undefined) {
      outcome = {
        ...(status && { status }),
        ...(reason && { reason }),
        ...(press && { press }),
        ...(odd && { action: odd }),
      };
      known.set(key, outcome);
    }
    return outcome;
  };
  return {
    get rows() {
      return rows;
    },
    add: (row, recipient) => {
      rows += 1;
      if (recipient === undefined) return;
      numbers.push(Number(recipient.number));
      outcomes.push(shared(recipient));
      if (withRows) kept.push(row);
    },
    *readings() {
      for (const [place, number] of numbers.entries()) {
        const row = kept[place];
        yield { recipient: { number: `+${number}`, ...outcomes[place] }, ...(row && { row }) };
      }
    },
  };
}

/** Then what came as JSON has to do. */
function unlessUnreadable(error: unknown): undefined {
  if (isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD') || isParleyError(error, 'ERR_REJECTED'))
    return undefined;
  throw error;
}
