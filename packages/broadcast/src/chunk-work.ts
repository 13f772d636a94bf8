import type { EffectRecord, ScheduledCall } from '@parley/core';
import type { Drive } from './drive.js';
import { effectPrefix } from './leaving.js';
import { allWaiting, type Learned, learn, type Outcomes, waitingPlaces } from './outcomes.js';
import { haveOptedOut, type PlannedRecipient } from './recipient.js';

/** Milliseconds for which what became of recipients is gathered before it is stored: the engine knows it meanwhile. */
const GATHER_MS = 250;

/**
 * The id of a recipient's message: the plan is frozen, so the place is the person. It tells nobody's address. Another try has an id of
 * its own, and is made only when the one before has certainly not left.
 */
export function effectIdOf({ header }: Drive, chunk: number, place: number, tries: number): string {
  const id = `${effectPrefix(header.account, header.id)}${chunk}.${place}`;
  return tries === 0 ? id : `${id}.${tries}`;
}

/** The recipients of one chunk while their messages are sent. */
export class ChunkWork {
  readonly chunk: number;
  /** Who is still to be sent to, or to be waited for. */
  readonly places: readonly number[];
  readonly #drive: Drive;
  readonly #size: number;
  readonly #tries: NonNullable<Outcomes['tries']>;
  #recipients: readonly PlannedRecipient[] | Promise<readonly PlannedRecipient[]>;
  #erasures: number | undefined;
  #learned: Learned[] = [];
  #left: number;
  #call: ScheduledCall | undefined;
  #storing: Promise<void> = Promise.resolve();

  private constructor(
    drive: Drive,
    chunk: number,
    recipients: readonly PlannedRecipient[],
    outcomes: Outcomes,
  ) {
    this.#drive = drive;
    this.chunk = chunk;
    this.#recipients = recipients;
    this.#size = recipients.length;
    this.#erasures = drive.header.erasures;
    this.places = waitingPlaces(outcomes);
    this.#left = this.places.length;
    this.#tries = outcomes.tries ?? {};
  }

  /** Notes that the chunk has begun, and leaves out who has opted out since the plan. */
  static async begin(drive: Drive, chunk: number): Promise<ChunkWork> {
    const { header, parts } = drive;
    const { store, engine, suppressions } = parts;
    const recipients = await store.recipients(header, chunk);
    const known = (await store.outcomes(header, chunk)) ?? allWaiting(recipients.length);
    const waiting = waitingPlaces(known);
    const suppressed = await haveOptedOut(
      suppressions,
      waiting.map((place) => recipients[place] as PlannedRecipient),
    );
    const earlier = await earlierEffects(drive, chunk, known, waiting);
    const now = store.now();
    const isForgotten = known.begunAt !== undefined && now - known.begunAt >= engine.keyedTtlMs;
    const learned = waiting.flatMap((place, index): Learned[] => {
      if (earlier[index] !== undefined) return [];
      if (recipients[place]?.to.value === '') return [{ place, outcome: 'excluded', reason: 'erased' }];
      if (suppressed[index] === true) return [{ place, outcome: 'excluded', reason: 'opted_out' }];
      return isForgotten ? [{ place, outcome: 'unknown', reason: FORGOTTEN }] : [];
    });
    const stored = await store.changeOutcomes(header, chunk, recipients.length, (outcomes) => {
      const result = learn(outcomes, learned) ?? outcomes;
      return { ...result, begunAt: outcomes.begunAt ?? now };
    });
    return new ChunkWork(drive, chunk, recipients, stored);
  }

  /** Who it is; undefined for somebody who was erased meanwhile. */
  async recipient(place: number): Promise<PlannedRecipient | undefined> {
    const { header, parts } = this.#drive;
    if (header.erasures !== this.#erasures) {
      this.#erasures = header.erasures;
      this.#recipients = parts.store.recipients(header, this.chunk).catch((error: unknown) => {
        // Read again when it is asked again.
        this.#erasures = -1;
        throw error;
      });
    }
    const recipient = (await this.#recipients)[place];
    return recipient?.to.value === '' ? undefined : recipient;
  }

  /** How many effects of this recipient's are used up. */
  triesOf(place: number): number {
    return this.#tries[place] ?? 0;
  }

  /** True once everybody's outcome is known here. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  learn(learned: Learned): void {
    this.#learned.push(learned);
    if (learned.outcome !== undefined) this.#left -= 1;
    const { clock } = this.#drive.parts.engine;
    this.#call ??= clock.schedule(GATHER_MS, () => this.#storeSoon(), true);
  }

  /**
   * Stores what was learned. Nothing of this chunk is under way: what has not begun by now has certainly not left, so that it
   * is no riddle however long it waits.
   */
  async rest(): Promise<void> {
    this.#storeSoon();
    await this.#storing;
    await this.#store((outcomes) => {
      const { begunAt: _, ...rest } = outcomes;
      return rest;
    });
  }

  #storeSoon(): void {
    this.#call?.cancel();
    this.#call = undefined;
    // What fails here is stored by `rest`, which says so.
    this.#storing = this.#storing.then(() => this.#store((outcomes) => outcomes)).catch(() => {});
  }

  async #store(shape: (outcomes: Outcomes) => Outcomes): Promise<void> {
    const learned = this.#learned;
    this.#learned = [];
    const { header, parts } = this.#drive;
    try {
      await parts.store.changeOutcomes(header, this.chunk, this.#size, (outcomes) =>
        shape(learn(outcomes, learned) ?? outcomes),
      );
    } catch (error) {
      this.#learned.push(...learned);
      throw error;
    }
  }
}

const FORGOTTEN = 'The run was interrupted for so long that nobody knows whether the message went out';

/** What an earlier process has begun to send. */
async function earlierEffects(
  drive: Drive,
  chunk: number,
  { begunAt, tries }: Outcomes,
  places: readonly number[],
): Promise<readonly (EffectRecord | undefined)[]> {
  if (begunAt === undefined) return [];
  const { engine } = drive.parts;
  return Promise.all(
    places.map(async (place) => engine.effect(effectIdOf(drive, chunk, place, tries?.[place] ?? 0))),
  );
}
