import { randomUUID } from 'node:crypto';
import { type Chaos, createDice, type Dice } from './chaos.js';
import type { Clock, ClockTimer } from './clock.js';
import type { Answer, Poster } from './post.js';

/** What chaos does to a delivery: decided when it is announced, so that timing does not change the dice. */
export interface Fate {
  drop: boolean;
  badSignature: boolean;
  dropAnswer: boolean;
  duplicate: boolean;
}

/** A call to a receiver, on its way. */
export interface Delivery {
  /** 1 is the first. */
  attempt: number;
  fate: Fate;
}

/** What deliveries of one provider are like. */
export interface DeliveryKind<D extends Delivery, Log, Stored> {
  /** First attempts of one lane leave in order; undefined: in no order. */
  lane(delivery: D): string | undefined;
  /** How long one may wait for the answer to the one before it in its lane, in real milliseconds. */
  orderMs(): number;
  /** True while its receiver wants it. */
  isWanted(delivery: D): boolean;
  canForge(delivery: D): boolean;
  post(delivery: D, forged: boolean): Promise<Answer>;
  log(delivery: D, status: number, note: string | undefined): Log;
  /** Milliseconds until the next attempt, after one that failed with `status`. Undefined: none. */
  pauseAfter(delivery: D, status: number): number | undefined;
  gaveUp?(delivery: D): void;
  /** The same delivery once more, after it has succeeded. */
  again(delivery: D): D;
  toStored(delivery: D): Stored;
  /** Undefined if its receiver is gone. */
  fromStored(stored: Stored): D | undefined;
}

/** What is yet to be told, and how chaos goes on. */
export interface QueueState<Log, Stored> {
  deliveries: Log[];
  underWay: Stored[];
  /** Retries, with the moment they are due, epoch milliseconds. */
  waiting: { at: number; delivery: Stored }[];
  chaos: Chaos;
  dice: number;
  order: number;
}

const LOG_SIZE = 10_000;
/** Retries kept for receivers that are away; what comes on top is given up. */
const MOST_WAITING = 10_000;
const REORDER_FLUSH_MS = 50;

/** Calls receivers: in order by lane, with retries on the emulator's clock, and with what chaos does. */
export class DeliveryQueue<D extends Delivery, Log, Stored> {
  readonly #kind: DeliveryKind<D, Log, Stored>;
  readonly #clock: Clock;
  readonly #poster: Poster;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #underWay = new Set<D>();
  readonly #waiting = new Map<D, { at: number; timer: ClockTimer }>();
  readonly #watchers = new Set<() => void>();
  #log: Log[] = [];
  #held: D[] = [];
  #flushing: ClockTimer | undefined;
  #chaos: Chaos = {};
  #dice: Dice = createDice(1);
  #order: Dice = createDice(1);
  #busy = 0;

  constructor(kind: DeliveryKind<D, Log, Stored>, clock: Clock, poster: Poster) {
    this.#kind = kind;
    this.#clock = clock;
    this.#poster = poster;
  }

  /** The latest attempts, oldest first. */
  get deliveries(): Log[] {
    return this.#log.slice(-LOG_SIZE);
  }

  /** Queued, in flight, or waiting for a retry. */
  get pending(): number {
    return this.#busy + this.#held.length + this.#waiting.size;
  }

  get chaos(): Chaos {
    return this.#chaos;
  }

  set chaos(next: Chaos) {
    this.#chaos = { ...next };
    this.#dice = createDice(next.seed ?? 1);
    this.#order = createDice(next.seed ?? 1);
  }

  settled(): Promise<void> {
    return this.#until(() => this.#isIdle() && this.#waiting.size === 0);
  }

  idle(): Promise<void> {
    return this.#until(() => this.#isIdle());
  }

  fate(): Fate {
    const { drop, badSignature, dropAnswer, duplicate } = this.#chaos;
    return {
      drop: this.#dice.chance(drop),
      badSignature: this.#dice.chance(badSignature),
      dropAnswer: this.#dice.chance(dropAnswer),
      duplicate: this.#dice.chance(duplicate),
    };
  }

  chance(probability: number | undefined): boolean {
    return this.#dice.chance(probability);
  }

  enqueue(delivery: D): void {
    const window = this.#chaos.reorder ?? 0;
    if (window < 2) return this.#launch(delivery);
    this.#held.push(delivery);
    if (this.#held.length >= window) return this.#flush();
    this.#flushing ??= this.#clock.after(REORDER_FLUSH_MS, () => this.#flush());
  }

  state(): QueueState<Log, Stored> {
    const { toStored } = this.#kind;
    return {
      deliveries: this.deliveries,
      underWay: [...this.#underWay, ...this.#held].map(toStored),
      waiting: [...this.#waiting].map(([delivery, { at }]) => ({ at, delivery: toStored(delivery) })),
      chaos: this.#chaos,
      dice: this.#dice.state,
      order: this.#order.state,
    };
  }

  /** Goes on: what was under way is sent again, retries follow when they are due. */
  restore(state: QueueState<Log, Stored>): void {
    this.#log = [...state.deliveries];
    this.#chaos = state.chaos;
    this.#dice = createDice(state.dice);
    this.#order = createDice(state.order);
    for (const stored of state.underWay) {
      const delivery = this.#kind.fromStored(stored);
      if (delivery !== undefined) this.#launch(delivery);
    }
    for (const { at, delivery: stored } of state.waiting) {
      const delivery = this.#kind.fromStored(stored);
      if (delivery !== undefined) this.#repeatAt(at, delivery);
    }
  }

  close(): void {
    this.#flushing?.cancel();
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    this.#held = [];
    this.#poster.close();
    this.#changed();
  }

  #isIdle(): boolean {
    return this.#busy === 0 && this.#held.length === 0;
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #until(quiet: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!quiet()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  #flush(): void {
    this.#flushing?.cancel();
    this.#flushing = undefined;
    const group = this.#order.shuffle(this.#held);
    this.#held = [];
    // Each in a lane of its own: what was shuffled stays shuffled.
    for (const delivery of group) this.#launch(delivery, randomUUID());
    this.#changed();
  }

  #launch(delivery: D, alone?: string): void {
    this.#busy += 1;
    this.#underWay.add(delivery);
    // A retry has lost its place in the order.
    const lane = delivery.attempt === 1 ? (alone ?? this.#kind.lane(delivery)) : undefined;
    const turn = (lane === undefined ? undefined : this.#lanes.get(lane)) ?? Promise.resolve();
    const done = turn
      .then(() => (this.#kind.isWanted(delivery) ? this.#attempt(delivery) : undefined))
      .finally(() => {
        this.#busy -= 1;
        this.#underWay.delete(delivery);
        this.#changed();
      });
    if (lane !== undefined) this.#release(lane, turn, done);
  }

  #release(lane: string, turn: Promise<void>, done: Promise<void>): void {
    const released = turn.then(() => Promise.race([done, this.#poster.pause(this.#kind.orderMs())]));
    this.#lanes.set(lane, released);
    void released.finally(() => {
      if (this.#lanes.get(lane) === released) this.#lanes.delete(lane);
    });
  }

  async #attempt(delivery: D): Promise<void> {
    const { fate } = delivery;
    const first = delivery.attempt === 1;
    if (first && fate.drop) return this.#lost(delivery, 'lost on the way');
    const forged = first && fate.badSignature && this.#kind.canForge(delivery);
    const { status, problem } = await this.#kind.post(delivery, forged);
    if (first && status > 0 && fate.dropAnswer) return this.#lost(delivery, 'answer lost on the way');
    // In one step with what comes of it: a snapshot has a delivery once.
    this.#underWay.delete(delivery);
    this.#record(delivery, status, forged ? 'wrong signature' : problem);
    if (status < 200 || status > 299) return this.#retry(delivery, status);
    if (fate.duplicate) this.#launch({ ...this.#kind.again(delivery), fate: { ...fate, duplicate: false } });
  }

  #lost(delivery: D, note: string): void {
    this.#underWay.delete(delivery);
    this.#record(delivery, 0, note);
    this.#retry(delivery, 0);
  }

  #record(delivery: D, status: number, note: string | undefined): void {
    this.#log.push(this.#kind.log(delivery, status, note));
    if (this.#log.length > LOG_SIZE * 2) this.#log = this.#log.slice(-LOG_SIZE);
  }

  #retry(delivery: D, status: number): void {
    const pause = this.#kind.pauseAfter(delivery, status);
    if (pause === undefined || this.#waiting.size >= MOST_WAITING) {
      this.#kind.gaveUp?.(delivery);
      return;
    }
    this.#repeatAt(this.#clock.now() + pause, { ...delivery, attempt: delivery.attempt + 1 });
  }

  #repeatAt(at: number, delivery: D): void {
    const timer = this.#clock.after(at - this.#clock.now(), () => {
      this.#waiting.delete(delivery);
      this.#launch(delivery);
    });
    this.#waiting.set(delivery, { at, timer });
  }
}
