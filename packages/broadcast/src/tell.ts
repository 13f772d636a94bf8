import { type Event, toId } from '@parley/core';
import type { Drive } from './drive.js';

type Told = 'campaign.started' | 'campaign.progress' | 'campaign.completed';

/**
 * Makes an event of what happens to a run by person, as a provider with campaigns would tell it. Its id is the same whoever tells it
 * again: a process that goes on with a run of a dead one.
 */
export async function tell(drive: Drive, name: Told, percent?: number): Promise<void> {
  const { id: run, account, provider } = drive.header;
  const { engine, store } = drive.parts;
  const what = percent === undefined ? name : `${name}:${percent}`;
  const head = {
    id: toId(account, `run:${run}:${what}`),
    provider,
    account,
    at: store.isoNow(),
    native: 'parley.run',
    campaignId: toId(account, run),
  };
  const event: Event =
    name === 'campaign.progress' && percent !== undefined ? { name, ...head, percent } : { name, ...head };
  await drive.untilDone(async () => engine.accept([event]));
}
