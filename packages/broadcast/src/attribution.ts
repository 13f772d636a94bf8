import type { Attribution } from '@parley/core';
import type { IncomingTurn } from './broadcast-bot.js';
import { reachOfCampaign } from './campaign-run.js';
import { addressesOf } from './person.js';
import { isRecent, type Reach, reachesOfAddress, reachesOfConversation, toAttribution } from './reached.js';
import type { StateAccess } from './state-access.js';

/** The latest campaign that reached whoever writes, on this account or another, not longer than `days` ago. */
export async function attributionOf(
  state: StateAccess,
  turn: IncomingTurn,
  days: number,
): Promise<Attribution | undefined> {
  const { conversationId, event } = turn;
  if (conversationId === undefined) return undefined;
  const now = state.clock.now();
  const answered =
    'campaign' in event && event.campaign !== undefined
      ? await reachOfCampaign(state, event.campaign)
      : undefined;
  if (answered !== undefined) return isRecent(answered, now, days) ? toAttribution(answered) : undefined;
  const here = newest(await reachesOfConversation(state, conversationId), now, days);
  if (here !== undefined) return toAttribution(here);
  const addresses = await addressesOf(state, turn);
  const reaches = await Promise.all(addresses.map((address) => reachesOfAddress(state, address)));
  const elsewhere = newest(reaches.flat(), now, days);
  return elsewhere === undefined ? undefined : toAttribution(elsewhere);
}

function newest(reaches: readonly Reach[], now: number, days: number): Reach | undefined {
  const recent = reaches.filter((reach) => isRecent(reach, now, days));
  return recent.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))[0];
}
