import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EngineStats } from '@parley/core';
import type { FromBot, Question, ToBot, Wiring } from './protocol.js';

const PROGRAM = fileURLToPath(new URL('./bot-process.js', import.meta.url));

/** The process ended before it had answered: ask its successor. */
export class Gone extends Error {}

/** Its file is in another process's hands. */
export class FileInUse extends Error {}

/** What it hears besides answers. */
export interface Listener {
  says(text: string): void;
  /** The bot asks the workshop; resolves when the workshop answers. */
  workshop(): Promise<string>;
}

/** One life of the bot: a process, from its start to its end. */
export class BotChild {
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #listener: Listener;
  readonly #open = Promise.withResolvers<EngineStats>();
  readonly #serves = Promise.withResolvers<string>();
  #questions = 0;

  constructor(file: string, listener: Listener) {
    this.#listener = listener;
    this.#child = fork(PROGRAM, [file], { stdio: ['ignore', 2, 2, 'ipc'] });
    // Sending to a process that is just being killed fails; that it has ended is what counts.
    this.#child.on('error', () => {});
    this.#child.on('message', (message: FromBot) => this.#hear(message));
    this.ended = this.#end();
    for (const { promise } of [this.#open, this.#serves]) promise.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to what the process before it has left in the file. Rejects with FileInUse, or Gone. */
  open(): Promise<EngineStats> {
    return this.#open.promise;
  }

  /** Resolves to its address. Rejects with Gone. */
  serve(wiring: Wiring): Promise<string> {
    this.#tell({ kind: 'serve', wiring });
    return this.#serves.promise;
  }

  /** Rejects with Gone, or with what went wrong. */
  ask(question: Question): Promise<unknown> {
    this.#questions += 1;
    const id = this.#questions;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      if (this.#child.connected) this.#tell({ kind: 'asked', id, ...question });
      else reject(new Gone('the process of the bot has ended'));
    });
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
    this.#fail(new Gone('the process of the bot has ended'));
    return { code, signal };
  }

  #tell(message: ToBot): void {
    this.#child.send(message, () => {});
  }

  #hear(message: FromBot): void {
    switch (message.kind) {
      case 'open':
        this.#open.resolve(message.left);
        break;
      case 'refused':
        this.#open.reject(message.inUse ? new FileInUse(message.why) : new Error(message.why));
        break;
      case 'serves':
        this.#serves.resolve(message.origin);
        break;
      case 'says':
        this.#listener.says(message.text);
        break;
      case 'workshop?':
        void this.#listener
          .workshop()
          .then((answer) => this.#tell({ kind: 'workshop', id: message.id, answer }));
        break;
      case 'answer':
        this.#answered(message);
    }
  }

  #answered({ id, value, error }: Extract<FromBot, { kind: 'answer' }>): void {
    const asker = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asker?.resolve(value);
    else asker?.reject(new Error(error));
  }

  #fail(error: Gone): void {
    this.#open.reject(error);
    this.#serves.reject(error);
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}
