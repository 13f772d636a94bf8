import type { Effect, EffectRecord, ErrorCode } from '@parley/core';
import type { Drive } from './drive.js';
import { effectPrefix } from './leaving.js';
import { dropLetters, reasonOf } from './letters.js';
import type { NativeProgress, RunHeader } from './run-header.js';

type Step = 'create' | 'run';

/** Something that is asked of the provider once for a run; anew only after a refusal that is certain. */
export function nativeEffect({ header, parts }: Drive, step: Step, action: Effect['action']): Effect {
  const { account, id } = header;
  return {
    id: nativeId(header, step),
    keyed: true,
    account,
    lane: `${account}:campaign:${id}`,
    action,
    createdAt: parts.store.isoNow(),
  };
}

function nativeId({ account, id, native: { refusals = 0 } = {} }: RunHeader, step: Step): string {
  return `${effectPrefix(account, id)}${step}${refusals === 0 ? '' : `.${refusals}`}`;
}

/** Notes how far the provider's campaign has come. */
export function note(drive: Drive, progress: Partial<NativeProgress>): Promise<void> {
  return drive.change(({ native }) => ({ native: { ...native, ...progress } }));
}

/** What became of an effect, whichever process carried it out; undefined if this one ends before. */
export async function carriedOut(drive: Drive, wanted: Effect): Promise<EffectRecord | undefined> {
  const { engine } = drive.parts;
  return drive.untilDone(async () => {
    const stored = await engine.enqueue(wanted);
    const record = stored.status === 'queued' ? await drive.whileOurs(engine.settled(wanted.id)) : stored;
    if (record?.status === 'failed') await dropLetters(engine, record);
    return record;
  });
}

/** What somebody can put right at the provider, or what passes: the same may then be asked for again. */
const MAY_PASS: ReadonlySet<string> = new Set<ErrorCode>([
  'ERR_AUTHENTICATION',
  'ERR_FORBIDDEN',
  'ERR_REJECTED',
  'ERR_RATE_LIMITED',
  'ERR_UNAVAILABLE',
  'ERR_CONFLICT',
]);

export function mayPass({ error }: EffectRecord): boolean {
  return error !== undefined && MAY_PASS.has(error.code);
}

/** It has certainly not happened. Once the run is resumed, it is asked for anew, by an effect of its own. */
export async function pauseRefused(drive: Drive, step: Step, record: EffectRecord): Promise<void> {
  await drive.pauseBecause(reasonOf(record), (header) => {
    const { native = {}, state } = header;
    // Another process has noted it before, and somebody may have resumed the run since.
    if (nativeId(header, step) !== record.effect.id) return undefined;
    const { requestedAt: _, before: _before, pausable: _pausable, refusals = 0, ...rest } = native;
    const refused = { native: { ...rest, refusals: refusals + 1 } };
    return state === 'running' ? { ...refused, state: 'planned', startedAt: undefined } : refused;
  });
}
