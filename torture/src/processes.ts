import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BotSetup, Death, FromBot, Question } from './protocol.js';
import type { Period } from './provider.js';

const FILE = fileURLToPath(new URL(`./bot-process${extname(import.meta.url)}`, import.meta.url));
const START_MS = 60_000;
const STOP_MS = 40_000;
const ANSWER_MS = 20_000;
/** A window of the account's limit, and a little. */
const BEGINNING_MS = 1100;
const MOST_CRASHES = 20;

/** One process of the bot, from its start to its end. */
export class BotProcess {
  /** Counts up over the run: no two processes share one. */
  readonly id: number;
  readonly child: ChildProcess;
  readonly startedAt = Date.now();
  origin: string | undefined;
  killed = false;
  stopping = false;
  /** Handlers under way. */
  handling = 0;
  readonly ended: Promise<void>;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #questions = 0;

  constructor(id: number, setup: BotSetup, listen: (from: BotProcess, message: FromBot) => void) {
    this.id = id;
    this.child = fork(FILE, [], { stdio: ['ignore', 2, 2, 'ipc'] });
    // Both: what it said last may come after its end.
    this.ended = Promise.all([once(this.child, 'exit'), once(this.child, 'disconnect')]).then(() => {
      for (const { reject } of this.#asked.values())
        reject(new Error('The process ended before it answered'));
      this.#asked.clear();
    });
    this.child.on('error', () => {});
    this.child.on('message', (message: FromBot) => {
      if (message.kind === 'serves') this.origin = message.origin;
      if (message.kind === 'answer') this.#answered(message);
      if (message.kind === 'handling') this.handling += message.begun ? 1 : -1;
      listen(this, message);
    });
    this.child.send(setup);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get serves(): boolean {
    return this.alive && !this.killed && !this.stopping && this.origin !== undefined;
  }

  /** @throws if the process ends, or does not answer in time */
  async ask<T>(question: Question): Promise<T> {
    this.#questions += 1;
    const id = this.#questions;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      if (!this.serves) reject(new Error('The process has ended'));
      else this.child.send({ ...question, id }, () => {});
    });
    const giveUp = new AbortController();
    const late = wait(ANSWER_MS, undefined, { signal: giveUp.signal }).then(
      () => Promise.reject(new Error(`No answer to "${question.question}" within ${ANSWER_MS} ms`)),
      () => new Promise<never>(() => {}),
    );
    try {
      return (await Promise.race([answer, late])) as T;
    } finally {
      giveUp.abort();
      this.#asked.delete(id);
    }
  }

  kill(): void {
    this.killed = true;
    this.child.kill('SIGKILL');
  }

  #answered({ id, value, error }: Extract<FromBot, { kind: 'answer' }>): void {
    const asked = this.#asked.get(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }
}

export interface ProcessListeners {
  onMessage(from: BotProcess, message: FromBot): void;
  /** It was killed at that time (`performance.now()`), and has said all that it ever will. */
  onKilled(process: BotProcess, at: number): void;
  /** It ended unasked, or did not end when asked to: what happened, in words. */
  onCrashed(how: string): void;
  /** True while a process of this place cannot start, because it is cut off from the database: its end is no crash. */
  keepsOut(place: number): boolean;
}

/** Between two starts of a process that finds no database. */
const RESTART_MS = 500;

/** The processes of the bot: as many places as `--processes` says, in each one process after the other. */
export class Processes {
  readonly #places: (BotProcess | undefined)[];
  /** Where webhooks go, also while nobody listens there. */
  readonly #origins: (string | undefined)[];
  readonly #setup: (place: number) => Omit<BotSetup, 'port'>;
  readonly #listeners: ProcessListeners;
  #started = 0;
  kills = 0;
  crashes = 0;
  /** Turns under way in processes that ended when they were asked to. */
  cutShort = 0;

  constructor(count: number, setup: (place: number) => Omit<BotSetup, 'port'>, listeners: ProcessListeners) {
    this.#listeners = listeners;
    this.#places = Array.from({ length: count }, () => undefined);
    this.#origins = [...this.#places] as undefined[];
    this.#setup = setup;
  }

  get count(): number {
    return this.#places.length;
  }

  at(place: number): BotProcess | undefined {
    return this.#places[place];
  }

  origin(place: number): string | undefined {
    return this.#origins[place];
  }

  /** -1 for one whose place another has taken. */
  placeOf(process: BotProcess): number {
    return this.#places.indexOf(process);
  }

  /** Any that serves. */
  any(): BotProcess | undefined {
    return this.#places.find((process) => process?.serves);
  }

  /** The first second of each process that was started after another one. */
  readonly beginnings: Period[] = [];

  /** Starts the process of a place, and waits until it serves or has ended. */
  async start(place: number): Promise<void> {
    this.#started += 1;
    const origin = this.#origins[place];
    const port = origin === undefined ? 0 : Number(new URL(origin).port);
    const serving = Promise.withResolvers<void>();
    const process = new BotProcess(this.#started, { ...this.#setup(place), port }, (from, message) => {
      if (message.kind === 'serves') serving.resolve();
      this.#listeners.onMessage(from, message);
    });
    this.#places[place] = process;
    void process.ended.then(() => {
      if (process.killed || process.stopping) return;
      const hadNoDatabase = process.origin === undefined && this.#listeners.keepsOut(place);
      if (!hadNoDatabase) this.#crashed(process, place);
      // As a supervisor would, but not for ever.
      const again = (): void => {
        if (this.crashes < MOST_CRASHES && this.#places[place] === process) void this.start(place);
      };
      if (hadNoDatabase) setTimeout(again, RESTART_MS);
      else again();
    });
    const giveUp = new AbortController();
    const late = wait(START_MS, undefined, { signal: giveUp.signal }).catch(() => {});
    await Promise.race([serving.promise, process.ended, late]);
    giveUp.abort();
    if (origin !== undefined)
      this.beginnings.push({ from: process.startedAt, to: Date.now() + BEGINNING_MS });
    if (process.origin !== undefined) this.#origins[place] = process.origin;
    else if (process.alive) process.kill();
  }

  async startAll(): Promise<void> {
    await Promise.all(this.#places.map((_, place) => this.start(place)));
  }

  /** SIGKILL, now. */
  kill(place: number): void {
    const process = this.#places[place];
    if (process === undefined || !process.alive || process.killed) return;
    this.kills += 1;
    process.kill();
    this.#onKilled(process, performance.now());
  }

  /** Lets the process end itself as told, or kills it after `withinMs`. Resolves when it is dead. */
  async killAt(place: number, death: Death, withinMs: number): Promise<void> {
    const process = this.#places[place];
    if (process === undefined || !process.alive || process.killed) return;
    this.kills += 1;
    // From here on its end is no crash.
    process.killed = true;
    process.child.send({ question: 'die', ...death, id: 0 }, () => {});
    const late = setTimeout(() => process.kill(), withinMs);
    await once(process.child, 'exit');
    clearTimeout(late);
    this.#onKilled(process, performance.now());
  }

  /** Asks a process to end, which drains it. One that does not, or ends before it is drained, is a crash. */
  async retire(place: number): Promise<void> {
    const process = this.#places[place];
    if (process === undefined || !process.alive) return;
    process.stopping = true;
    process.child.kill('SIGTERM');
    const giveUp = new AbortController();
    const late = wait(STOP_MS, undefined, { signal: giveUp.signal }).catch(() => {});
    await Promise.race([process.ended, late]);
    giveUp.abort();
    // It may have been killed meanwhile.
    if (process.child.exitCode !== 0 && !process.killed) this.#crashed(process, place);
    if (process.alive) process.kill();
    await process.ended;
    if (process.child.exitCode === 0) this.cutShort += process.handling;
  }

  async retireAll(): Promise<void> {
    await Promise.all(this.#places.map((_, place) => this.retire(place)));
  }

  #onKilled(process: BotProcess, at: number): void {
    void process.ended.then(() => this.#listeners.onKilled(process, at));
  }

  #crashed({ id, child }: BotProcess, place: number): void {
    this.crashes += 1;
    const how = child.exitCode === null ? 'has not ended when asked to' : `ended with ${child.exitCode}`;
    this.#listeners.onCrashed(`process ${id} of place ${place} ${how}`);
  }

  /** Ends whatever still runs, at once. */
  async destroy(): Promise<void> {
    for (const process of this.#places) if (process?.alive) process.kill();
    for (const process of this.#places) await process?.ended;
  }
}
