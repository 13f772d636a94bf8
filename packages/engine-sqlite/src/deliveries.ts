import type { Effect, EffectRecord, EngineHost } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { EffectOutcome, LaneAttempt } from '@parley/core/lanes';
import { Outbox } from '@parley/core/lanes';
import { Alarm } from './alarm.js';
import { EffectRegister } from './effect-register.js';
import type { Settled } from './effect-table.js';
import { SqliteEffect } from './effect-table.js';
import type { StoredEvent } from './event-table.js';
import type { SqliteSettings } from './options.js';
import type { Store } from './store.js';

/** An effect on its way into the table. */
export interface NewEffect {
  readonly effect: Effect;
  readonly json: string;
}

interface Inserted {
  readonly record: SqliteEffect;
  /** False: there was one with this id. */
  readonly isNew: boolean;
}

const DUE_AT_ONCE = 200;

/** Effects: stored, then on their way out, then remembered as long as somebody may ask. */
export class Deliveries {
  readonly outbox: Outbox<SqliteEffect>;
  readonly alarm: Alarm;
  readonly #store: Store;
  readonly #ttlMs: number;
  readonly #onDead: () => void;
  readonly #known = new EffectRegister();
  readonly #waiting = new Set<(error: ParleyError) => void>();

  constructor(store: Store, settings: SqliteSettings, onDead: () => void) {
    const { clock, random, backoff, maxDeliveryAttempts: maxAttempts, lookUpAfterMs } = settings;
    this.#store = store;
    this.#ttlMs = settings.dedupeTtlMs;
    this.#onDead = onDead;
    this.alarm = new Alarm(
      clock,
      () => store.effects.nextDue(),
      () => this.#takeDue(),
    );
    const { writer, effects } = store;
    this.outbox = new Outbox({
      clock,
      random,
      backoff,
      maxAttempts,
      lookUpAfterMs,
      durable: true,
      storage: {
        begin: (record) => writer.write(() => outcome(effects.begin(record)), unlessErased(record)),
        retry: (record) => writer.write(() => outcome(effects.retry(record)), unlessErased(record)),
        settle: (record, status) => this.#settle(record, status),
      },
    });
  }

  /** Takes up what an earlier process left. `mayRunAgain`: whether the turn of this id is waiting or dead. */
  load(mayRunAgain: (turnId: string) => boolean): void {
    const { writer, effects } = this.#store;
    for (const record of effects.load()) {
      if (record.turn !== undefined && !mayRunAgain(record.turn)) {
        const { id } = record.effect;
        void writer.write(() => effects.release(id)).catch(() => {});
        record.turn = undefined;
      }
      if (record.turn === undefined && record.status !== 'queued') continue;
      this.#known.keep(record);
      if (record.status === 'queued' && record.due === undefined) this.outbox.push(record);
    }
  }

  find(id: string): SqliteEffect | undefined {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const found = this.#store.effects.find(id, this.#store.clock.now());
    if (found?.status === 'queued') this.#known.keep(found);
    return found;
  }

  settled(id: string): Promise<EffectRecord> {
    const record = this.find(id);
    if (record === undefined) {
      return Promise.reject(new ParleyError('ERR_NOT_FOUND', 'No effect with this id is known'));
    }
    if (record.status !== 'queued') return Promise.resolve(record);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      void record.settled().then((settled) => {
        this.#waiting.delete(reject);
        resolve(settled);
      });
    });
  }

  /** An effect that no turn made. */
  enqueue(effect: Effect): Promise<SqliteEffect> {
    const fresh = toNewEffect(effect);
    return this.#add(() => this.insert(fresh));
  }

  ofTurn(turnId: string, id: string): SqliteEffect | undefined {
    return this.#known.ofTurn(turnId, id);
  }

  /** An effect of a try under way, stored and sent at once. */
  async record(attempt: LaneAttempt, item: StoredEvent, effect: Effect): Promise<SqliteEffect> {
    attempt.assertMine();
    const fresh = toNewEffect(effect);
    return this.#add(() => {
      attempt.assertMine();
      if (!this.#store.events.has(item)) throw gone();
      return this.insert(fresh, item.turnId);
    });
  }

  /** Within a write. */
  insert({ effect, json }: NewEffect, turnId?: string): Inserted {
    const now = this.#store.clock.now();
    const { sequence, effects } = this.#store;
    const at = effect.notBefore === undefined ? 0 : Date.parse(effect.notBefore);
    const record = new SqliteEffect(effect, sequence.next(), turnId, at > now ? at : undefined);
    if (effect.action.kind === 'step') record.status = 'sent';
    if (effects.add(record, json, now)) return { record, isNew: true };
    const earlier = this.#known.get(effect.id) ?? effects.find(effect.id, now);
    return { record: earlier ?? record, isNew: false };
  }

  /** After the write. */
  inserted({ record, isNew }: Inserted): void {
    if (!isNew) return;
    this.#known.keep(record);
    if (record.due !== undefined) this.alarm.add(record.due);
    else if (record.status === 'queued') this.outbox.push(record);
  }

  /** Within a write: the turn is over, and nobody asks any more for what has left. */
  release(turnId: string): void {
    for (const id of this.#known.idsOf(turnId)) this.#store.effects.release(id);
  }

  /** After the write. */
  released(turnId: string): void {
    this.#known.turnIsOver(turnId);
  }

  /** The ids of what a turn has recorded so far. */
  recordsOf(turnId: string): string[] {
    return this.#known.idsOf(turnId);
  }

  /** The turn became a dead letter. */
  buried(turnId: string): void {
    this.#known.turnIsDead(turnId);
  }

  /** The turn of a dead letter may run again, and finds these. */
  unburied(records: readonly SqliteEffect[]): void {
    for (const record of records) this.#known.keep(record);
  }

  /** A dead effect is queued again. */
  requeued(record: SqliteEffect): void {
    this.#known.keep(record);
    this.outbox.putBack(record);
  }

  /** False if its delivery has begun, or it is unknown. */
  async cancel(id: string): Promise<boolean> {
    const record = this.find(id);
    if (record === undefined || record.status !== 'queued') return false;
    const { due } = record;
    if (due === undefined && !this.outbox.remove(record)) return false;
    try {
      const { writer } = this.#store;
      const isThere = await writer.write(() => this.#write(record, 'withheld'));
      // It has joined its lane meanwhile.
      if (!isThere && due !== undefined && record.due === undefined) return await this.cancel(id);
    } catch (error) {
      if (due === undefined) this.outbox.putBack(record);
      throw error;
    }
    this.#known.forget(record);
    record.settle('withheld');
    return true;
  }

  /** Everything of these lanes is gone from the file. */
  erased(lanes: ReadonlySet<string>): void {
    for (const record of this.outbox.erase([...lanes])) record.settle('withheld');
    for (const record of this.#known.erase(lanes)) if (record.due !== undefined) record.settle('withheld');
  }

  start(host: EngineHost): void {
    this.outbox.start(host);
    this.alarm.start();
  }

  close(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reject of waiting) {
      reject(new ParleyError('ERR_ABORTED', 'The engine was closed before this effect was settled'));
    }
  }

  #add(insert: () => Inserted): Promise<SqliteEffect> {
    return this.#store.writer
      .write(insert, (inserted) => this.inserted(inserted))
      .then(({ record }) => record);
  }

  async #settle(record: SqliteEffect, status: Settled): Promise<EffectOutcome> {
    const { writer, effects, dead, clock } = this.#store;
    const { id, keyed } = record.effect;
    const { turn } = record;
    const isThere = await writer.write(
      () => {
        if (!this.#write(record, status)) return false;
        if (status === 'failed') dead.addEffect(record, clock.now());
        return true;
      },
      (found) => {
        // Erased while it was on its way: whoever waits for it still hears of it.
        if (!found) record.settle(status);
        this.#known.forget(record);
        // Its turn has ended meanwhile, and nobody asks for it any more.
        const isLate = turn !== undefined && record.turn === undefined;
        if (isLate && !keyed) void writer.write(() => effects.release(id)).catch(() => {});
      },
    );
    if (isThere && status === 'failed') this.#onDead();
    return outcome(isThere);
  }

  /** Within a write. False if it is gone. */
  #write(record: SqliteEffect, status: Settled): boolean {
    const { effects, clock } = this.#store;
    if (record.effect.keyed) return effects.settle(record, status, clock.now() + this.#ttlMs);
    if (record.turn === undefined) return effects.remove(record);
    return effects.settle(record, status, undefined);
  }

  async #takeDue(): Promise<void> {
    const { writer, effects, clock, sequence } = this.#store;
    await writer.write(
      () => effects.takeDue(clock.now(), DUE_AT_ONCE, () => sequence.next()),
      (due) => {
        for (const fresh of due) {
          // Somebody may wait for the one that is known.
          const record = this.#known.get(fresh.effect.id) ?? fresh;
          record.order = fresh.order;
          record.due = undefined;
          this.#known.keep(record);
          this.outbox.push(record);
        }
      },
    );
  }
}

export function toNewEffect(effect: Effect): NewEffect {
  return { effect, json: JSON.stringify(effect) };
}

/** After a write that finds nothing: whoever waits for the effect hears of it. */
function unlessErased(record: SqliteEffect): (outcome: EffectOutcome) => void {
  return (found) => {
    if (found === 'gone') record.settle('withheld');
  };
}

function outcome(isThere: boolean): EffectOutcome {
  return isThere ? 'stored' : 'gone';
}

function gone(): ParleyError {
  return new ParleyError('ERR_CONFLICT', 'What this turn is about was erased; what it still does is refused');
}
