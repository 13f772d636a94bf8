import { ParleyError } from '@parley/core';
import { type Outcomes, outcomeAt } from './outcomes.js';
import { isOver, type RunHeader } from './run-header.js';
import type { CampaignRecipient, RunStatus } from './run-report.js';
import { stateOf, statusOf, untriedAre } from './run-status.js';
import type { StateAccess } from './state-access.js';
import { RunStore } from './store.js';

/** The runs that are kept, to be watched and steered: from the process of the bot, and from any other that reaches its state. */
export interface Runs {
  /** @throws ERR_NOT_FOUND */
  status(id: string): Promise<RunStatus>;
  /** Newest first, as long as they are kept. */
  runs(): Promise<readonly RunStatus[]>;
  /**
   * Nothing new is sent until `resume`; what is under way ends. Known to the bot within about a second.
   *
   * @throws ERR_NOT_FOUND; ERR_CONFLICT if the run has ended; ERR_UNSUPPORTED if the provider has begun and cannot pause
   */
  pause(id: string): Promise<RunStatus>;
  /** @throws ERR_NOT_FOUND; ERR_CONFLICT if the run has ended or was canceled */
  resume(id: string): Promise<RunStatus>;
  /**
   * Nothing new is sent, ever; what is under way ends.
   *
   * @throws as `pause`
   */
  cancel(id: string): Promise<RunStatus>;
  /** Everybody in the run, in the order of the audience. */
  recipients(id: string): AsyncIterable<CampaignRecipient>;
}

/** @param state an engine, or a running bot's operations with a clock */
export function openRuns(state: StateAccess): Runs {
  const store = new RunStore(state);
  const steer = async (id: string, wanted: RunHeader['wanted']): Promise<RunStatus> => {
    const header = await store.changeHeader(id, (known) => {
      assertSteerable(known, wanted);
      return known.wanted === wanted ? undefined : { wanted };
    });
    return statusOf(store, header);
  };
  return {
    status: async (id) => statusOf(store, await store.headerOrThrow(id)),
    async runs() {
      const listed = await store.list();
      const headers = await Promise.all(listed.toReversed().map(({ id }) => store.header(id)));
      const statuses: RunStatus[] = [];
      for (const header of headers) if (header !== undefined) statuses.push(await statusOf(store, header));
      return statuses;
    },
    pause: (id) => steer(id, 'pause'),
    resume: (id) => steer(id, 'go'),
    cancel: (id) => steer(id, 'cancel'),
    async *recipients(id) {
      const header = await store.headerOrThrow(id);
      for (let chunk = 0; chunk < header.chunks; chunk += 1) {
        const [recipients, outcomes] = await Promise.all([
          store.recipients(header, chunk),
          store.outcomes(header, chunk),
        ]);
        for (const [place, { to, name }] of recipients.entries()) {
          yield recipientOf(header, { to, ...(name !== undefined && { name }) }, outcomes, place);
        }
      }
    },
  };
}

function assertSteerable(header: RunHeader, wanted: RunHeader['wanted']): void {
  const { id, wanted: before, via, state, native } = header;
  // Said twice, it is as it is wanted.
  if (before === wanted && wanted !== 'go') return;
  if (isOver(header))
    throw new ParleyError('ERR_CONFLICT', `Run "${id}" has ended: it is ${stateOf(header)}`);
  if (before === 'cancel')
    throw new ParleyError('ERR_CONFLICT', `Run "${id}" was canceled; run it with another intent`);
  if (wanted !== 'go' && via === 'native' && state === 'running' && native?.pausable === undefined)
    throw new ParleyError(
      'ERR_UNSUPPORTED',
      `Run "${id}" is in the hands of ${header.provider}, which cannot be stopped any more`,
      { account: header.account },
    );
}

function recipientOf(
  header: RunHeader,
  who: Pick<CampaignRecipient, 'to' | 'name'>,
  outcomes: Outcomes | undefined,
  place: number,
): CampaignRecipient {
  const known = outcomes === undefined ? 'waiting' : outcomeAt(outcomes, place);
  const recipient: CampaignRecipient = { ...who, status: known === 'waiting' ? untriedAre(header) : known };
  const reason = outcomes?.reasons?.[place];
  if (reason !== undefined) recipient.reason = reason;
  const answer = outcomes?.answers?.[place];
  if (answer !== undefined) recipient.answer = answer;
  return recipient;
}
