import type { Id } from '@parley/core';
import { change, type Place, read, type StateAccess } from './state-access.js';

const placeOf = (campaignId: Id): Place => ({ scope: campaignId, kind: 'run' });

/** Which run a provider's campaign is: its events name the campaign only. */
export function runOfCampaign(state: StateAccess, campaignId: Id): Promise<string | undefined> {
  return read<string>(state, placeOf(campaignId));
}

export async function rememberCampaign(
  state: StateAccess,
  campaignId: Id,
  run: string,
  expiresAt: number,
): Promise<void> {
  await change<string>(state, placeOf(campaignId), () => ({ value: run, expiresAt }));
}
