import { stringify } from 'csv-stringify/sync';
import type { JsonObject } from '../json.js';
import type { Platform } from './platform.js';
import { statusAt } from './progress.js';
import type { Campaign, RecipientStatus } from './records.js';

/** A row for each number, whatever the number of runs: with the state of the latest one. */
export function detailRows({ clock, switches }: Platform, campaign: Campaign): JsonObject[] {
  const now = clock.now();
  const statuses = new Map<string, RecipientStatus>();
  for (const run of campaign.runs) {
    for (const [index, number] of run.recipients.numbers.entries())
      statuses.set(number, statusAt(run, index, now));
  }
  return Array.from(statuses, ([number, status]) => {
    const pressed = campaign.presses.get(number)?.[switches.pressAction] ?? '';
    switch (switches.detailsStatus) {
      case 'column':
        return { number, action: pressed, status };
      case 'action':
        return { number, action: pressed === '' ? status : pressed };
      case 'absent':
        return { number, action: pressed };
    }
  });
}

/** Content type and text. */
export function detailsAsCsv(platform: Platform, campaign: Campaign): { type: string; text: string } {
  const form = platform.switches.detailsCsv;
  const columns =
    platform.switches.detailsStatus === 'column' ? ['number', 'action', 'status'] : ['number', 'action'];
  const text = stringify(detailRows(platform, campaign), {
    header: true,
    columns,
    bom: form === 'bomCrlf',
    record_delimiter: form === 'bomCrlf' ? 'windows' : 'unix',
    delimiter: form === 'semicolon' ? ';' : ',',
  });
  const json = 'application/json; charset=utf-8';
  if (form === 'json') return { type: json, text: JSON.stringify(text) };
  if (form === 'link')
    return {
      type: json,
      text: JSON.stringify({ url: `${platform.origin}/downloads/${campaign.campaignId}.csv` }),
    };
  return { type: `${form === 'textPlain' ? 'text/plain' : 'text/csv'}; charset=utf-8`, text };
}
