import { ParleyError } from '@parley/core';
import { allWaiting, type Outcomes } from './outcomes.js';
import type { PlannedRecipient } from './recipient.js';
import type { RunHeader } from './run-header.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** A run in the list of all. */
export interface Listed {
  id: string;
  expiresAt: number;
  /** True: nobody has to drive it any more. */
  over?: true;
}

/** No scope of ours has a colon: none is a conversation's or a contact's. */
const LIST: Place = { scope: 'broadcast', kind: 'runs' };

const headerOf = (id: string): Place => ({ scope: `broadcast/${id}`, kind: 'header' });
const recipientsOf = (plan: string, chunk: number): Place => ({
  scope: `broadcast/${plan}/${chunk}`,
  kind: 'recipients',
});
const outcomesOf = (plan: string, chunk: number): Place => ({
  scope: `broadcast/${plan}/${chunk}`,
  kind: 'outcomes',
});

/** Writes under way at once while chunks are removed, and while they are read and written again. */
const REMOVED_AT_ONCE = 50;
const KEPT_AT_ONCE = 5;

/** Runs as they are kept in an engine's state: a list, a header for each, and chunks of recipients with their outcomes. */
export class RunStore {
  readonly state: StateAccess;

  constructor(state: StateAccess) {
    this.state = state;
  }

  now(): number {
    return this.state.clock.now();
  }

  isoNow(): string {
    return new Date(this.now()).toISOString();
  }

  async list(): Promise<readonly Listed[]> {
    const now = this.now();
    return ((await read<Listed[]>(this.state, LIST)) ?? []).filter(({ expiresAt }) => expiresAt > now);
  }

  async addToList(listed: Listed): Promise<void> {
    const now = this.now();
    await change<Listed[]>(this.state, LIST, (known = []) => {
      if (known.some(({ id }) => id === listed.id)) return undefined;
      return { value: [...known.filter(({ expiresAt }) => expiresAt > now), listed] };
    });
  }

  async markOver(id: string): Promise<void> {
    await change<Listed[]>(this.state, LIST, (known = []) => {
      if (!known.some((listed) => listed.id === id && listed.over !== true)) return undefined;
      return {
        value: known.map((listed) => (listed.id === id ? { ...listed, over: true as const } : listed)),
      };
    });
  }

  header(id: string): Promise<RunHeader | undefined> {
    return read<RunHeader>(this.state, headerOf(id));
  }

  /** @throws ERR_NOT_FOUND */
  async headerOrThrow(id: string): Promise<RunHeader> {
    return (await this.header(id)) ?? unknownRun(id);
  }

  /** False if there is a run of this id: that one is the run, and this plan is nobody's. */
  async addHeader(header: RunHeader): Promise<boolean> {
    const { id, expiresAt } = header;
    const value = JSON.stringify(header);
    return this.state.writeState({ ...headerOf(id), value, version: 0, expiresAt });
  }

  /** `decide` returns what changes; undefined: nothing does. */
  async changeHeader(
    id: string,
    decide: (header: RunHeader) => Partial<RunHeader> | undefined,
  ): Promise<RunHeader> {
    const stored = await change<RunHeader>(this.state, headerOf(id), (header) => {
      if (header === undefined) return undefined;
      const changes = decide(header);
      if (changes === undefined) return undefined;
      return { value: { ...header, ...changes }, expiresAt: header.expiresAt };
    });
    return stored ?? unknownRun(id);
  }

  async addChunk(
    plan: string,
    chunk: number,
    recipients: readonly PlannedRecipient[],
    expiresAt: number,
  ): Promise<void> {
    const value = JSON.stringify(recipients);
    await this.state.writeState({ ...recipientsOf(plan, chunk), value, version: 0, expiresAt });
  }

  async recipients({ plan, id }: Pick<RunHeader, 'plan' | 'id'>, chunk: number): Promise<PlannedRecipient[]> {
    return (await read<PlannedRecipient[]>(this.state, recipientsOf(plan, chunk))) ?? unknownRun(id);
  }

  /** Undefined: nothing has been tried yet. */
  outcomes({ plan }: Pick<RunHeader, 'plan'>, chunk: number): Promise<Outcomes | undefined> {
    return read<Outcomes>(this.state, outcomesOf(plan, chunk));
  }

  /** `decide` gets outcomes for all recipients of the chunk; undefined: nothing changes. */
  async changeOutcomes(
    { plan, expiresAt }: Pick<RunHeader, 'plan' | 'expiresAt'>,
    chunk: number,
    size: number,
    decide: (outcomes: Outcomes) => Outcomes | undefined,
  ): Promise<Outcomes> {
    const stored = await change<Outcomes>(this.state, outcomesOf(plan, chunk), (known) => {
      const value = decide(known ?? allWaiting(size));
      return value === undefined ? undefined : { value, expiresAt };
    });
    return stored ?? allWaiting(size);
  }

  /** Takes an erased person out of the frozen plan: `decide` as for outcomes. */
  async changeRecipients(
    { plan, expiresAt }: Pick<RunHeader, 'plan' | 'expiresAt'>,
    chunk: number,
    decide: (recipients: readonly PlannedRecipient[]) => PlannedRecipient[] | undefined,
  ): Promise<void> {
    await change<PlannedRecipient[]>(this.state, recipientsOf(plan, chunk), (known) => {
      const value = known === undefined ? undefined : decide(known);
      return value === undefined ? undefined : { value, expiresAt };
    });
  }

  /**
   * Of a plan that was to be forgotten soon.
   *
   * @throws ERR_CONFLICT if it is
   */
  async keepChunks(plan: string, chunks: number, expiresAt: number): Promise<void> {
    await inTurns(chunks, KEPT_AT_ONCE, async (chunk) => {
      const kept = await change<PlannedRecipient[]>(this.state, recipientsOf(plan, chunk), (value) =>
        value === undefined ? undefined : { value, expiresAt },
      );
      if (kept === undefined)
        throw new ParleyError(
          'ERR_CONFLICT',
          'The plan was confirmed too late: it is forgotten. Run it again',
        );
    });
  }

  /** Of a plan that did not become a run. */
  async removeChunks(plan: string, chunks: number): Promise<void> {
    await inTurns(chunks, REMOVED_AT_ONCE, (chunk) =>
      change<unknown>(this.state, recipientsOf(plan, chunk), () => ({ value: null })),
    );
  }
}

async function inTurns(
  chunks: number,
  atOnce: number,
  work: (chunk: number) => Promise<unknown>,
): Promise<void> {
  for (let first = 0; first < chunks; first += atOnce) {
    const length = Math.min(atOnce, chunks - first);
    await Promise.all(Array.from({ length }, (_, index) => work(first + index)));
  }
}

function unknownRun(id: string): never {
  throw new ParleyError('ERR_NOT_FOUND', `There is no run "${id.slice(0, 80)}", or it was too long ago`);
}
