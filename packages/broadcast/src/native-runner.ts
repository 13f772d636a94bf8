import { createHash, randomUUID } from 'node:crypto';
import type { Addressee, Campaign, CampaignDraft, CampaignPort } from '@parley/core';
import { isParleyError } from '@parley/core';
import { rememberCampaign } from './campaign-run.js';
import { ACCOUNT_WIDE, type Drive } from './drive.js';
import { exampleOf } from './example.js';
import { followCampaign } from './follow-campaign.js';
import { reasonOf } from './letters.js';
import { carriedOut, mayPass, nativeEffect, note, pauseRefused } from './native-effect.js';
import { allWaiting, type Learned, learn, outcomeAt } from './outcomes.js';
import { haveOptedOut } from './recipient.js';
import { isOver, type NativeProgress, type RunHeader } from './run-header.js';

/** Milliseconds between looks at a template that is under review: soon at first. */
const FIRST_LOOK_MS = 1000;
const LATER_LOOK_MS = 60_000;

/** Looks for a campaign that was just made, before it counts as gone. */
const MOST_LOOKS = 10;

/** A campaign in the provider's hands, and how to talk about it. */
export interface Native {
  readonly drive: Drive;
  readonly port: CampaignPort;
  readonly draft: CampaignDraft;
}

/** Hands a run to the provider's own campaigns. Returns when nothing is left to be done, or the run is no longer ours. */
export async function runNatively(drive: Drive): Promise<void> {
  const port = drive.adapter.campaigns;
  if (port === undefined) return drive.end('failed', `${drive.adapter.provider} has no campaigns`);
  const native: Native = { drive, port, draft: draftOf(drive.header) };
  if (!isOver(drive.header) && !(await prepared(native))) return;
  if (drive.header.state === 'running' || drive.header.state === 'completed') await followCampaign(native);
}

/** As `prepareAndRun`, however often it has to be paused until something is put right. */
async function prepared(native: Native): Promise<boolean> {
  const { drive } = native;
  for (;;) {
    try {
      return await prepareAndRun(native);
    } catch (error) {
      // Before it was paid: afterwards what the provider says no longer changes what happened.
      if (!isParleyError(error) || drive.header.native?.requestedAt !== undefined) throw error;
      if (!ACCOUNT_WIDE.has(error.code)) {
        await drive.end('failed', error.message);
        return false;
      }
      await drive.pauseBecause(error.message);
    }
  }
}

/** False if the run is over, or no longer ours, before it was begun. */
async function prepareAndRun(native: Native): Promise<boolean> {
  const { drive } = native;
  const isAsked = (): boolean => drive.header.native?.requestedAt !== undefined;
  // The later people are named, the fewer of them have opted out since.
  const steps = native.port.accepts.approval
    ? [address, create, awaitApproval, awaitTime]
    : [awaitTime, address, create, awaitApproval];
  for (const step of steps) {
    // What was asked for cannot be taken back.
    if (!isAsked() && (await drive.allowed())) await step(native);
    if (drive.signal.aborted || isOver(drive.header)) return false;
  }
  while (isAsked() || (await drive.allowed())) {
    for (const step of [addressAnew, request]) {
      await step(native);
      if (drive.signal.aborted || isOver(drive.header)) return false;
    }
    if (isAsked()) return true;
  }
  if (!drive.signal.aborted) await drive.end('canceled');
  return false;
}

function draftOf({ id, title, provider, template: given }: RunHeader): CampaignDraft {
  const { approved: _, ...template } = given;
  return { key: draftKey(id), title, template, example: exampleOf(template, provider) };
}

function draftKey(id: string): string {
  if (id.length <= 64) return id;
  return `${id.slice(0, 47)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

async function address(native: Native): Promise<void> {
  if (native.drive.header.native?.addressed === undefined) await tellOf(native);
}

/** Whoever has opted out while the template was reviewed is on no list any more. */
async function addressAnew(native: Native): Promise<void> {
  const { drive, port } = native;
  const { header } = drive;
  if (port.accepts.audienceAtRun !== true || header.native?.requestedAt !== undefined) return;
  if ((await countOf(addressees(drive))) !== header.native?.addressed) await tellOf(native);
}

async function tellOf(native: Native): Promise<void> {
  const { drive, port, draft } = native;
  const told = await drive.untilDone(async () => {
    const list = port.accepts.audienceAtRun === true ? await listFor(native) : {};
    let addressed = 0;
    const counted = async function* (): AsyncGenerator<Addressee, void, undefined> {
      for await (const addressee of addressees(drive)) {
        addressed += 1;
        yield addressee;
      }
    };
    await port.address({ ...draft, ...list }, counted(), { signal: drive.signal });
    return { addressed, audience: list.audience };
  });
  if (told?.addressed === 0)
    await drive.end('completed', 'Everybody has opted out since the plan: nothing was sent or paid');
  else if (told !== undefined) await note(drive, told);
}

/** A new name as soon as the people are others: a provider may add to a list that it has, also to one of which it answered with an error. */
async function listFor({ drive, draft }: Native): Promise<Pick<CampaignDraft, 'audience'>> {
  const { told } = drive.header.native ?? {};
  const people = await countOf(addressees(drive));
  const isFirst = told === undefined;
  const audience =
    isFirst || told.people === people ? told?.audience : `${draft.key}-${randomUUID().slice(-12)}`;
  const list = audience === undefined ? {} : { audience };
  if (isFirst || told.people !== people) await note(drive, { told: { ...list, people } });
  return list;
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

/** Everybody but those who have opted out since the plan. */
async function* addressees({ header, parts }: Drive): AsyncGenerator<Addressee, void, undefined> {
  const { store, suppressions } = parts;
  for (let chunk = 0; chunk < header.chunks; chunk += 1) {
    const recipients = await store.recipients(header, chunk);
    const suppressed = await haveOptedOut(suppressions, recipients);
    const excluded = recipients.flatMap((_, place): Learned[] =>
      suppressed[place] === true ? [{ place, outcome: 'excluded', reason: 'opted_out' }] : [],
    );
    const known =
      excluded.length === 0
        ? ((await store.outcomes(header, chunk)) ?? allWaiting(recipients.length))
        : await store.changeOutcomes(header, chunk, recipients.length, (outcomes) =>
            learn(outcomes, excluded),
          );
    for (const [place, { also: _, ...recipient }] of recipients.entries()) {
      if (outcomeAt(known, place) !== 'excluded') yield recipient;
    }
  }
}

async function create({ drive, port, draft }: Native): Promise<void> {
  if (drive.header.native?.campaignId !== undefined) return;
  const there = await drive.untilDone(async () => ({
    campaign: await port.find(draft, { signal: drive.signal }),
  }));
  if (there === undefined || there.campaign !== undefined) return;
  do {
    const record = await carriedOut(drive, nativeEffect(drive, 'create', { kind: 'campaign', draft }));
    if (record?.status !== 'failed') return;
    // A draft that is refused stays as it is.
    const isForGood = record.error?.code === 'ERR_REJECTED' || !mayPass(record);
    if (isForGood) return drive.end('failed', reasonOf(record));
    await pauseRefused(drive, 'create', record);
  } while (await drive.allowed());
}

async function awaitApproval(native: Native): Promise<void> {
  const { drive, port } = native;
  if (drive.header.native?.campaignId !== undefined) return;
  for (let look = 1; ; look += 1) {
    const campaign = await foundOrEnded(native);
    if (campaign === undefined) return;
    const { id, templateStatus } = campaign;
    if (templateStatus === 'approved' || !port.accepts.approval) {
      const { header, parts } = drive;
      await rememberCampaign(parts.store.state, id, header.id, header.expiresAt);
      return note(drive, { campaignId: id });
    }
    if (templateStatus === 'rejected' || templateStatus === 'disabled')
      return drive.end('rejected', `The template is ${templateStatus}: nothing was sent or paid`);
    if (drive.header.state !== 'awaiting_approval')
      await drive.change(() => ({ state: 'awaiting_approval' }));
    await drive.pause(Math.min(LATER_LOOK_MS, FIRST_LOOK_MS * 1.3 ** (look - 1)));
    if (drive.signal.aborted || drive.header.wanted === 'cancel') return;
  }
}

async function awaitTime({ drive }: Native): Promise<void> {
  if (drive.header.native?.requestedAt === undefined) await drive.reachTime();
}

/** The step that is paid. It is noted as asked for before it is, in the same write that makes sure nobody wants otherwise. */
async function request(native: Native): Promise<void> {
  const { drive, port, draft } = native;
  const { engine, store } = drive.parts;
  if (drive.header.native?.requestedAt === undefined) {
    const campaign = await foundOrEnded(native);
    if (campaign === undefined) return;
    const before = { counts: campaign.counts, ...(campaign.runs !== undefined && { runs: campaign.runs }) };
    const pausable = port.pause === undefined || port.resume === undefined ? {} : { pausable: true as const };
    await drive.change(({ wanted, native: progress }) => {
      if (wanted !== 'go' || progress?.requestedAt !== undefined) return undefined;
      const asked: NativeProgress = {
        ...progress,
        campaignId: campaign.id,
        before,
        requestedAt: store.now(),
        ...pausable,
      };
      return { native: asked, state: 'running', startedAt: store.isoNow() };
    });
  }
  const { campaignId, before, requestedAt, addressed: recipients, audience } = drive.header.native ?? {};
  // Somebody wants otherwise now.
  if (
    campaignId === undefined ||
    before === undefined ||
    requestedAt === undefined ||
    recipients === undefined
  )
    return;
  const list = audience === undefined ? draft : { ...draft, audience };
  const asked = { draft: list, campaignId, recipients, before };
  const paid = nativeEffect(drive, 'run', { kind: 'run', request: asked });
  const isForgotten =
    (await engine.effect(paid.id)) === undefined && store.now() - requestedAt >= engine.keyedTtlMs;
  if (isForgotten) {
    const since = new Date(requestedAt).toISOString();
    const found = await drive.untilDone(async () => ({
      happened: await port.findRun(asked, since, { signal: drive.signal }),
    }));
    if (found === undefined || found.happened === true) return;
    if (found.happened === undefined) return drive.end('outcome_unknown', NOBODY_KNOWS);
  }
  const record = await carriedOut(drive, paid);
  if (record?.status === 'failed') {
    if (mayPass(record)) await pauseRefused(drive, 'run', record);
    else await drive.end('failed', reasonOf(record));
  }
  if (record?.status === 'withheld') await drive.end('canceled');
  if (record?.status === 'unknown') await drive.end('outcome_unknown', NOBODY_KNOWS);
}

const NOBODY_KNOWS =
  'The provider never answered, and whether it has sent cannot be found out: look there, then run with another intent if it has not';

/** The campaign at the provider; undefined if the run is over, or no longer ours. */
async function foundOrEnded({ drive, port, draft }: Native): Promise<Campaign | undefined> {
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const found = await drive.untilDone(async () => ({
      campaign: await port.find(draft, { signal: drive.signal }),
    }));
    if (found === undefined || found.campaign !== undefined) return found?.campaign;
    await drive.pause(FIRST_LOOK_MS * look);
    if (drive.signal.aborted) return undefined;
  }
  await drive.end('failed', 'The campaign is not at the provider: it was deleted there, or never made');
  return undefined;
}
