import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { createDice, type Dice, weighed } from './dice.js';
import type { Entry, Ledger } from './ledger.js';
import type { TortureOptions } from './options.js';
import type { Processes } from './processes.js';
import type { Provider } from './provider.js';
import { type Manner, type Written } from './words.js';

/** Messages of one conversation that wait for their reply before the person writes on. */
const PATIENCE = 3;
/** Then the person writes on all the same, and has lost most of the patience. */
const PATIENCE_MS = 20_000;
const LITTLE_PATIENCE_MS = 500;
const LOOK_EVERY_MS = 25;
/** A provider that gets no answer within this time delivers again. */
const ANSWER_MS = 10_000;
/** Nobody answers any more. */
const GIVE_UP_MS = 180_000;
/** Second and third copies that wait to be mixed among later messages. */
const HELD_COPIES = 150;

/** All others are plain. */
const SHARES: readonly (readonly [number, Manner])[] = [
  [0.08, 'throws'],
  [0.08, 'holds'],
  [0.06, 'steps'],
  [0.1, 'slow'],
  [0.05, 'later'],
  [0.08, 'timer'],
  [0.01, 'overdue'],
];

/** Delivers what people write, as a provider would that is in a hurry: to any process, repeatedly, out of order. */
export class Delivery {
  /** Answered with 200. */
  delivered = 0;
  undelivered = 0;
  /** Asked to stop: what is not written yet stays unwritten. */
  stopped = false;
  readonly #dice: Dice;
  readonly #options: TortureOptions;
  readonly #provider: Provider;
  readonly #processes: Processes;
  readonly #ledger: Ledger;
  readonly #agent = new Agent({
    connections: 64,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    pipelining: 1,
  });
  readonly #copies: { entry: Entry; body: string }[] = [];

  constructor(options: TortureOptions, parts: { provider: Provider; processes: Processes; ledger: Ledger }) {
    this.#options = options;
    this.#dice = createDice(options.seed, 'delivery');
    this.#provider = parts.provider;
    this.#processes = parts.processes;
    this.#ledger = parts.ledger;
  }

  /** Resolves when every message, and every copy, is delivered or given up. */
  async run(): Promise<void> {
    const { messages, conversations } = this.#options;
    const each = Array.from({ length: conversations }, (_, conversation) => {
      const count = Math.floor(messages / conversations) + (conversation < messages % conversations ? 1 : 0);
      return this.#converse(conversation, count);
    });
    await Promise.all(each);
    while (this.#copies.length > 0)
      await Promise.all(this.#copies.splice(0, 20).map((copy) => this.#post(copy)));
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /**
   * One person's messages: the next one is first delivered when the one before was acknowledged, so that the order in which
   * they were accepted is known. Copies come at any time: with the first, or among those of later messages.
   */
  async #converse(conversation: number, count: number): Promise<void> {
    // Everybody begins at a moment of their own.
    await wait(this.#dice.between(0, 2000));
    let patienceMs = PATIENCE_MS;
    for (let index = 0; index < count && !this.stopped; index += 1) {
      if (!(await this.#isAnswered(conversation, patienceMs))) patienceMs = LITTLE_PATIENCE_MS;
      await wait(this.#dice.between(0, 200));
      const manner = weighed(this.#dice.roll(), SHARES) ?? 'plain';
      await this.#deliver({ conversation, index, manner });
    }
  }

  async #deliver(written: Written): Promise<void> {
    const entry = this.#ledger.write(written);
    const copies = this.#dice.between(0, 5);
    const body = await this.#provider.write(written);
    const copy = { entry, body };
    // Half of all messages come once, a third twice, a sixth three times.
    const extra = copies < 3 ? 0 : copies < 5 ? 1 : 2;
    const atOnce = extra > 0 && this.#dice.chance(0.3) ? 1 : 0;
    for (let held = atOnce; held < extra; held += 1) this.#copies.push(copy);
    const first = this.#post(copy);
    const second = atOnce === 1 ? this.#post(copy) : undefined;
    await Promise.race([first, second ?? first]);
    await this.#mixIn();
    await Promise.all([first, second]);
  }

  /** Delivers some of the copies that are held, any of them. */
  async #mixIn(): Promise<void> {
    while (this.#copies.length > HELD_COPIES || (this.#copies.length > 0 && this.#dice.chance(0.35))) {
      const [copy] = this.#copies.splice(this.#dice.between(0, this.#copies.length - 1), 1);
      if (copy !== undefined) await this.#post(copy);
    }
  }

  /** False if too many messages still have no reply after that time. */
  async #isAnswered(conversation: number, withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs;
    while (this.#ledger.unanswered(conversation) >= PATIENCE) {
      if (performance.now() > until || this.stopped) return false;
      await wait(LOOK_EVERY_MS);
    }
    return true;
  }

  /** Delivers until somebody answers 200: any process, after a pause another or the same. */
  async #post({ entry, body }: { entry: Entry; body: string }): Promise<void> {
    const until = performance.now() + GIVE_UP_MS;
    while (performance.now() < until) {
      const place = this.#dice.between(0, this.#processes.count - 1);
      if (await this.#attempt(place, body)) {
        this.delivered += 1;
        this.#ledger.acknowledged(entry);
        return;
      }
      await wait(this.#dice.between(50, 500));
    }
    this.undelivered += 1;
  }

  async #attempt(place: number, body: string): Promise<boolean> {
    const origin = this.#processes.origin(place);
    if (origin === undefined) return false;
    try {
      const webhook = this.#provider.attempt(body);
      const answer = await request(`${origin}/webhooks/leads`, {
        method: 'POST',
        dispatcher: this.#agent,
        ...webhook,
      });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }
}
