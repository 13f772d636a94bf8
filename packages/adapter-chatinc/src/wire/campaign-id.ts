import { isRecord } from './unwrap.js';

const PLACES: readonly (readonly string[])[] = [
  ['campaignId'],
  ['campaign', 'campaignId'],
  ['campaigns', 'campaignId'],
  ['data', 'campaignId'],
  ['id'],
];

/** The new campaign's id, wherever an answer has it: what is answered is not documented. */
export function findCampaignId(answer: unknown): string | undefined {
  const body: unknown = Array.isArray(answer) ? answer[0] : answer;
  for (const path of PLACES) {
    const found = path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), body);
    if (typeof found === 'string' && found !== '') return found;
  }
  return undefined;
}
