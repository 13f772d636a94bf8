import { type Event, toId } from '@parley/core';
import type { Drive } from './drive.js';

type Told = 'campaign.started' | 'campaign.progress' | 'campaign.completed';

/**
 * Makes an event of what happens to a run by person, as a provider with campaigns would tell it. Its id is the same whoever tells it
 * again: a process that goes on with a run of a dead one.
 */
export async function tell(drive: Drive, name: Told, percent?: number): Promise<void> {
  const what = percent === undefined ? name : `${name}:${percent}`;
  const head = headOf(drive, what);
  await accept(
    drive,
    name === 'campaign.progress' && percent !== undefined ? { name, ...head, percent } : { name, ...head },
  );
}

/** Tells of a run that was refused, also of one by the provider's own campaigns: no provider tells of a campaign that it did not begin. */
export async function tellFailure(drive: Drive): Promise<void> {
  const { state, reason, native } = drive.header;
  if (state !== 'failed' && state !== 'rejected') return;
  const head = headOf(drive, 'campaign.failed');
  const campaignId = native?.campaignId ?? head.campaignId;
  await accept(drive, {
    name: 'campaign.failed',
    ...head,
    campaignId,
    ...(reason !== undefined && { reason }),
  });
}

/** Tells of a run that is paused until somebody has put something right, as often as that happens. */
export async function tellPause(drive: Drive, reason: string): Promise<void> {
  const head = headOf(drive, `campaign.paused:${drive.parts.store.isoNow()}`);
  const campaignId = drive.header.native?.campaignId ?? head.campaignId;
  await accept(drive, { name: 'campaign.paused', ...head, campaignId, reason });
}

function headOf({ header, parts }: Drive, what: string): Omit<Event & { name: 'campaign.started' }, 'name'> {
  const { id: run, account, provider } = header;
  return {
    id: toId(account, `run:${run}:${what}`),
    provider,
    account,
    at: parts.store.isoNow(),
    native: 'parley.run',
    campaignId: toId(account, run),
  };
}

async function accept(drive: Drive, event: Event): Promise<void> {
  await drive.untilDone(async () => drive.parts.engine.accept([event]));
}
