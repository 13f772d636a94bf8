import { setTimeout as pause } from 'node:timers/promises';
import type { EngineStats } from '@parley/core';
import { BotChild, FileInUse, Gone, type Listener } from './bot-child.js';
import type { Question, Wiring } from './protocol.js';

/** Longer than a process of the bot needs to end whose demo was killed a moment ago. */
const IN_USE_MS = 5_000;
const END_MS = 1_000;
const LOOK_EVERY_MS = 10;

/** What its owner has to do when the bot lives again. */
export interface Keeper extends Listener {
  /** Where it finds its provider, and the port it should take. */
  wiring(): Promise<Wiring>;
  /** It serves, at this address; `left` is what its file held before. */
  lives(origin: string, pid: number, left: EngineStats): Promise<void>;
  /** Somebody has killed it. */
  killed(pid: number): void;
}

/**
 * Keeps a process of the bot running on its file: one that somebody kills gets a successor. One that ends by itself gets
 * none: `failure` says so.
 */
export class Bot {
  failure: Error | undefined;
  readonly #file: string;
  readonly #keeper: Keeper;
  /** The one that has the file. */
  #child: BotChild | undefined;
  /** The same, once it serves. */
  #serving: BotChild | undefined;
  #lives: Promise<void> | undefined;
  #resting = false;

  constructor(file: string, keeper: Keeper) {
    this.#file = file;
    this.#keeper = keeper;
  }

  /** Takes the file, without serving yet, and resolves to what was left there. */
  async open(): Promise<EngineStats> {
    for (const deadline = Date.now() + IN_USE_MS; ; ) {
      const child = new BotChild(this.#file, this.#keeper);
      this.#child = child;
      try {
        return await child.open();
      } catch (error) {
        await child.kill();
        const again = error instanceof FileInUse || error instanceof Gone;
        if (!again || Date.now() > deadline) throw error;
        await pause(100);
      }
    }
  }

  /** Begins to serve, with what `open` has resolved to. */
  async serve(left: EngineStats): Promise<void> {
    this.#resting = false;
    this.#lives = this.#live(left).catch((error: unknown) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
    await this.#current();
  }

  /** Opens and serves, after `kill`. Nothing if it lives. */
  async revive(): Promise<void> {
    if (this.#resting) await this.serve(await this.open());
  }

  /** Ends its process as `kill -9` does, and resolves to its number. It stays dead until `revive`. */
  async kill(): Promise<number | undefined> {
    this.#resting = true;
    const pid = this.#child?.pid;
    await this.#child?.kill();
    await this.#lives;
    return pid;
  }

  /** The answer of whichever process comes to it: a question may be asked twice. */
  async ask(question: Question): Promise<unknown> {
    for (;;) {
      const child = await this.#current();
      try {
        return await child.ask(question);
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  async #current(): Promise<BotChild> {
    while (this.#serving === undefined) {
      if (this.failure !== undefined) throw this.failure;
      await pause(LOOK_EVERY_MS);
    }
    return this.#serving;
  }

  /** One life after the other. */
  async #live(left: EngineStats): Promise<void> {
    for (let held = left; !this.#resting; held = await this.open()) {
      const child = this.#child;
      if (child === undefined) throw new Error('open comes before serve');
      await this.#start(child, held);
      const { code, signal } = await child.ended;
      this.#serving = undefined;
      if (this.#resting) return;
      if (signal === null) throw new Error(`the bot's process ended by itself, with code ${code}`);
      this.#keeper.killed(child.pid);
    }
    await this.#child?.kill();
  }

  async #start(child: BotChild, held: EngineStats): Promise<void> {
    try {
      const origin = await child.serve(await this.#keeper.wiring());
      await this.#keeper.lives(origin, child.pid, held);
      this.#serving = child;
    } catch (error) {
      // What fails because somebody has just killed it is no failure of its own.
      const ended = await Promise.race([child.ended, pause(END_MS, undefined, { ref: false })]);
      if (ended === undefined) throw error;
    }
  }
}
