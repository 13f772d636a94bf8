import { setTimeout as wait } from 'node:timers/promises';
import type { EngineStats } from '@parley/core';
import { check } from './check.js';
import { Cutter } from './cutter.js';
import { Delivery } from './deliver.js';
import { createDice, type Dice } from './dice.js';
import { ENGINES } from './engine.js';
import type { Figures, Progress } from './figures.js';
import { Killer } from './killer.js';
import { Ledger } from './ledger.js';
import type { TortureOptions } from './options.js';
import { Outside } from './outside.js';
import { type BotProcess, Processes } from './processes.js';
import type { FromBot, SessionReport } from './protocol.js';
import type { Period, Provider } from './provider.js';
import type { Wire } from './wire.js';

/** Milliseconds a turn may take: short, so that those which outlive it do not make a run long. */
const TURN_TIMEOUT_MS = 1200;
/** Nothing has moved for so long: it will not move any more. Longer than a killed process's conversations may stand still. */
const STANDSTILL_MS = 30_000;
/** Kills go on so long after the last delivery, while replies are still to come. */
const LAST_KILLS_MS = 10_000;
const LOOK_EVERY_MS = 20;
const TELL_EVERY_MS = 2000;
/** Much longer than `LOOK_EVERY_MS`. */
const STANDS_STILL_MS = 150;
/** A window of the account's limit, and a little. */
const SECOND_MS = 1100;
/** The process that is cut off from the database now and then. */
const CUT_PLACE = 0;
/** As many are named; the rest is only counted. */
const MOST_PROBLEMS = 20;
/** One slow turn in so many is disturbed from outside. */
const DISTURBED = 0.5;

export interface Surroundings {
  provider: Provider;
  /** Where the engine keeps its things. */
  address: string;
  /** How one of the processes gets there, where it is a server that several share. */
  wire: Wire | undefined;
  progress: Progress;
}

/** Everybody in a run: those who write, those who answer, those who do harm, and those who count. */
export class Torment implements AsyncDisposable {
  readonly #options: TortureOptions;
  readonly #provider: Provider;
  readonly #progress: Progress;
  readonly #ledger = new Ledger();
  readonly #processes: Processes;
  readonly #delivery: Delivery;
  readonly #killer: Killer;
  readonly #cutter: Cutter | undefined;
  readonly #outside: Outside;
  readonly #dice: Dice;
  readonly #look: NodeJS.Timeout;
  #lookedAt = Date.now();
  /** When this process, and with it the provider, stood still, on a machine that is too busy. */
  readonly #stalls: Period[] = [];
  #unknown = 0;
  #lostSight: () => void = () => {};

  constructor(options: TortureOptions, { provider, address, wire, progress }: Surroundings) {
    this.#options = options;
    this.#progress = progress;
    this.#provider = provider;
    this.#dice = createDice(options.seed, 'outside');
    const { origin, token, secret } = provider.emulator.credentials;
    this.#processes = new Processes(
      options.processes,
      (place) => ({
        engine: {
          name: options.engine,
          place: (place === CUT_PLACE ? wire?.address : undefined) ?? address,
          turnTimeoutMs: TURN_TIMEOUT_MS,
        },
        provider: { origin, token, secret, rate: options.rate },
        verbose: options.verbose,
      }),
      {
        onMessage: (from, message) => this.#hears(from, message),
        onKilled: ({ id }, at) => {
          this.#ledger.killed(id, at);
          this.#lostSight();
        },
        onCrashed: progress,
        keepsOut: (place) => place === CUT_PLACE && this.#cutter?.keepsOut === true,
      },
    );
    this.#outside = new Outside(this.#processes);
    if (wire !== undefined && options.cutEveryMs > 0)
      this.#cutter = new Cutter(wire, {
        seed: options.seed,
        everyMs: options.cutEveryMs,
        mayCut: () => this.#processes.at(CUT_PLACE)?.serves === true,
      });
    this.#killer = new Killer(options, this.#processes, () =>
      this.#cutter?.isCut === true ? CUT_PLACE : undefined,
    );
    this.#delivery = new Delivery(options, {
      provider,
      processes: this.#processes,
      ledger: this.#ledger,
    });
    this.#look = setInterval(() => this.#lookAround(), LOOK_EVERY_MS);
  }

  async run(): Promise<void> {
    await this.#processes.startAll();
    if (this.#processes.any() === undefined) throw new Error('No process of the bot has started');
    this.#lostSight = this.#provider.fail(this.#options).lostSight;
    const progress = this.#progress;
    const telling = setInterval(() => progress(this.#line()), TELL_EVERY_MS);
    try {
      const harm = Promise.all([this.#killer.run(), this.#cutter?.run()]);
      await this.#delivery.run();
      const answered = this.#untilStill(async () => this.#ledger.entries.size - this.#ledger.answered);
      await Promise.race([answered, wait(LAST_KILLS_MS)]);
      this.#killer.stop();
      this.#cutter?.stop();
      await harm;
      await answered;
      await this.#outside.settled();
      await this.#untilStill(async () => leftOf(await this.#ask<EngineStats>({ question: 'stats' })));
    } finally {
      clearInterval(telling);
    }
    progress(this.#line());
    const faults = Object.entries(this.#provider.faults).map(([kind, times]) => `${kind} ${times}`);
    progress(`the provider failed: ${faults.join(', ')}`);
  }

  async figures(): Promise<Omit<Figures, 'seconds'>> {
    const { engine, conversations } = this.#options;
    // What a process that has seen nothing of all this finds stored.
    if (ENGINES[engine].durable) {
      await this.#processes.retireAll();
      await this.#processes.start(0);
    }
    const ids = Array.from({ length: conversations }, (_, index) => this.#provider.conversationId(index));
    const sessions = await this.#ask<SessionReport[]>({
      question: 'sessions',
      conversationIds: ids.map((id) => `leads:${id}`),
    });
    const deadLetters = await this.#ask<string[]>({ question: 'deadLetters' });
    const leftOver = leftOf(await this.#ask<EngineStats>({ question: 'stats' }));
    for (const letter of deadLetters.slice(0, 5)) this.#progress(`dead letter: ${letter}`);
    await this.#processes.retireAll();
    this.#ledger.close();
    if (this.#ledger.slowest !== '') this.#progress(`slowest to go on: ${this.#ledger.slowest}`);
    this.#provider.read();
    const { counts, problems } = check(
      ids.map((id, conversation) => ({
        written: this.#ledger.written(conversation),
        said: this.#provider.said(id),
        session: sessions[conversation] ?? null,
        outside: this.#outside.outcome(conversation),
      })),
    );
    for (const problem of problems.slice(0, MOST_PROBLEMS)) this.#progress(problem);
    const { replies, lost, doubled, misordered, ...rest } = counts;
    return {
      engine,
      messages: this.#options.messages,
      distinct: this.#ledger.entries.size,
      replies,
      lost,
      doubled,
      misordered,
      kills: this.#processes.kills,
      recoveryMsMax: Math.round(this.#ledger.recoveryMsMax),
      webhooks: this.#delivery.delivered,
      ...rest,
      stepErrors: this.#ledger.stepErrors,
      unknown: this.#unknown,
      deadLetters: deadLetters.length,
      leftOver,
      undelivered: this.#delivery.undelivered,
      overLimit: this.#provider.overLimit(this.#uncounted()),
      impatient: this.#provider.impatient,
      crashes: this.#processes.crashes,
      cutShort: this.#processes.cutShort,
      cuts: this.#cutter?.cuts ?? 0,
      restarts: this.#killer.restarts,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#look);
    this.#killer.stop();
    this.#cutter?.stop();
    this.#delivery.stopped = true;
    await this.#processes.destroy();
    await this.#delivery.close();
  }

  /** When more may have come in a second than was sent in one. */
  #uncounted(): Period[] {
    // A process that is alone and starts anew knows nothing of what the last one sent in the same second.
    const beginnings = ENGINES[this.#options.engine].shared ? [] : this.#processes.beginnings;
    return [...this.#stalls, ...beginnings];
  }

  #lookAround(): void {
    const now = Date.now();
    // What came meanwhile is counted as having come now.
    if (now - this.#lookedAt > STANDS_STILL_MS)
      this.#stalls.push({ from: this.#lookedAt, to: now + SECOND_MS });
    this.#lookedAt = now;
    for (const message of this.#provider.news()) this.#ledger.arrived(message);
  }

  #hears(from: BotProcess, message: FromBot): void {
    const place = this.#processes.placeOf(from);
    switch (message.kind) {
      case 'touched':
        this.#ledger.touched(message.name, from.id);
        if (message.by === 'turn') this.#disturb(message.name);
        break;
      case 'reached':
        this.#killer.sees(place, message.moment, message.manner);
        break;
      case 'ticket':
        this.#ledger.ticket(message.name, message.ticket);
        break;
      case 'unknown':
        this.#unknown += 1;
        break;
      case 'failed':
      case 'handling':
      case 'serves':
      case 'answer':
        break;
    }
  }

  #disturb(name: string): void {
    const { written } = this.#ledger.entries.get(name) ?? {};
    if (written?.manner !== 'slow' || !this.#dice.chance(DISTURBED)) return;
    const place = this.#dice.between(0, this.#processes.count - 1);
    const id = `leads:${this.#provider.conversationId(written.conversation)}`;
    this.#outside.count(written.conversation, id, place);
  }

  /** Waits until `count` is 0, or has not changed for a while. */
  async #untilStill(count: () => Promise<number | undefined>): Promise<void> {
    let last: number | undefined;
    let movedAt = performance.now();
    for (;;) {
      const now = await count();
      if (now === 0) return;
      if (now !== last) movedAt = performance.now();
      else if (performance.now() - movedAt > STANDSTILL_MS) return;
      last = now;
      await wait(LOOK_EVERY_MS * 5);
    }
  }

  /** Asks any process that serves. */
  async #ask<T>(question: Parameters<BotProcess['ask']>[0]): Promise<T> {
    const process = this.#processes.any();
    if (process === undefined) throw new Error('No process of the bot is left to ask');
    return process.ask<T>(question);
  }

  #line(): string {
    const { entries, answered } = this.#ledger;
    const { kills } = this.#processes;
    return `${entries.size} written, ${this.#delivery.delivered} webhooks taken, ${answered} answered, ${kills} kills`;
  }
}

function leftOf(stats: EngineStats): number {
  return stats.pendingEvents + stats.pendingEffects + stats.scheduled;
}
