import type { Address, Id } from '@parley/core';
import { type Reach, reachesOfAddress } from './reached.js';
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

/** Whom a provider's campaign has reached by which run. */
export async function reachOfCampaign(
  state: StateAccess,
  { id, to }: { id: Id; to: Address },
): Promise<Reach | undefined> {
  const run = await runOfCampaign(state, id);
  if (run === undefined) return undefined;
  return (await reachesOfAddress(state, to.value)).find((reach) => reach.run === run);
}
