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
  recipient: ChatIncRecipient;
  row: ChatIncDetailsRow;
}

/** What is known of each person of a campaign. */
export interface Readings {
  read(campaign: ChatIncCampaign, options?: CallOptions): AsyncIterable<Reading>;
  /** Whether rows tell what became of a message. Undefined until there was a row. */
  perRecipientStatus(): boolean | undefined;
}

/** Reads details in the configured format; as CSV where JSON has fewer rows than messages were sent. */
export function createReadings(
  api: ChatIncApi,
  { detailsFormat }: Pick<ChatIncConfig, 'detailsFormat'>,
): Readings {
  let withStatus: boolean | undefined;

  const rowsOf = async function* (
    campaign: ChatIncCampaign,
    options: CallOptions | undefined,
  ): AsyncGenerator<ChatIncDetailsRow, void, undefined> {
    const { campaignId } = campaign;
    if (detailsFormat === 'csv') {
      yield* api.eachCampaignDetail({ campaignId, format: 'csv' }, options);
      return;
    }
    const rows = await api.retrieveCampaignDetails({ campaignId, format: 'json' }, options);
    const { sent = 0 } = readCounters(campaign);
    const more =
      rows.length < sent
        ? await api.retrieveCampaignDetails({ campaignId, format: 'csv' }, options).catch(unlessUnreadable)
        : [];
    yield* more.length > rows.length ? more : rows;
  };

  return {
    read: async function* (campaign, options) {
      let rows = 0;
      for await (const row of rowsOf(campaign, options)) {
        rows += 1;
        if (rows % ROWS_AT_ONCE === 0) await setImmediate();
        const recipient = readRecipient(row, campaign.buttons ?? []);
        if (recipient === undefined) continue;
        withStatus = withStatus === true || recipient.status !== undefined;
        yield { recipient, row };
      }
    },
    perRecipientStatus: () => withStatus,
  };
}

/** Then what came as JSON has to do. */
function unlessUnreadable(error: unknown): ChatIncDetailsRow[] {
  if (isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD') || isParleyError(error, 'ERR_REJECTED')) return [];
  throw error;
}
