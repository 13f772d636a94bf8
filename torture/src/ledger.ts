import type { Message } from '@parley/emulators';
import { nameOf, readReply, type Written } from './words.js';

/** A message of a person, and what has become of it so far. Times are `performance.now()`. */
export interface Entry {
  readonly written: Written;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly writtenAt: number;
  /** The first 200 to one of its webhooks. */
  acknowledgedAt: number | undefined;
  /** The first reply at the provider. */
  answeredAt: number | undefined;
  /** The process that last began its turn, or to send or look up its reply. */
  holder: number | undefined;
}

/** Held by a process that was killed, and not gone on with since. */
interface Standstill {
  killedAt: number;
  killed: number;
}

/** What everybody in the run knows of the messages. */
export class Ledger {
  readonly entries = new Map<string, Entry>();
  /** Of a conversation, in the order in which they were written. */
  readonly #byConversation = new Map<number, Entry[]>();
  /** By conversation. */
  readonly #standstills = new Map<number, Standstill[]>();
  readonly tickets = new Map<string, string>();
  stepErrors = 0;
  recoveryMsMax = 0;
  slowest = '';
  answered = 0;

  write(written: Written): Entry {
    const name = nameOf(written);
    const entry: Entry = {
      written,
      name,
      writtenAt: Date.now(),
      acknowledgedAt: undefined,
      answeredAt: undefined,
      holder: undefined,
    };
    this.entries.set(name, entry);
    const others = this.#byConversation.get(written.conversation);
    if (others === undefined) this.#byConversation.set(written.conversation, [entry]);
    else others.push(entry);
    return entry;
  }

  /** The messages of a conversation, in order. */
  written(conversation: number): (Written & { at: number })[] {
    const entries = this.#byConversation.get(conversation) ?? [];
    return entries.map(({ written, writtenAt }) => ({ ...written, at: writtenAt }));
  }

  /** Messages of a conversation that have no reply yet. */
  unanswered(conversation: number): number {
    const entries = this.#byConversation.get(conversation) ?? [];
    return entries.filter(({ answeredAt }) => answeredAt === undefined).length;
  }

  acknowledged(entry: Entry): void {
    entry.acknowledgedAt ??= performance.now();
  }

  /** `process` has begun a turn of this message, or to send or look up what came of it. */
  touched(name: string, process: number): void {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    entry.holder = process;
    this.#goesOn(entry.written.conversation, process);
  }

  /** A message of the bot is at the provider. */
  arrived({ text }: Pick<Message, 'text'>): void {
    const reply = readReply(text);
    const entry = reply && this.entries.get(reply.name);
    if (entry === undefined || entry.answeredAt !== undefined) return;
    entry.answeredAt = performance.now();
    this.answered += 1;
    this.#goesOn(entry.written.conversation, undefined);
  }

  /** The result of a step must never change once a try has seen it. */
  ticket(name: string, ticket: string): void {
    const known = this.tickets.get(name);
    if (known === undefined) this.tickets.set(name, ticket);
    else if (known !== ticket) this.stepErrors += 1;
  }

  /** A process was killed at that time, and will say nothing more: what it held stands still. */
  killed(process: number, killedAt: number): void {
    for (const [conversation, entries] of this.#byConversation) {
      const oldest = entries.find(
        ({ acknowledgedAt, answeredAt }) => acknowledgedAt !== undefined && answeredAt === undefined,
      );
      if (oldest?.holder !== process) continue;
      const standstills = this.#standstills.get(conversation) ?? [];
      standstills.push({ killedAt, killed: process });
      this.#standstills.set(conversation, standstills);
    }
  }

  /** At the end: what still stands still counts with the time it has stood. */
  close(): void {
    for (const conversation of this.#standstills.keys()) this.#goesOn(conversation, undefined);
  }

  #goesOn(conversation: number, by: number | undefined): void {
    const standstills = this.#standstills.get(conversation);
    if (standstills === undefined) return;
    const now = performance.now();
    const left = standstills.filter(({ killed }) => killed === by);
    for (const { killedAt, killed } of standstills) {
      if (killed === by || now - killedAt <= this.recoveryMsMax) continue;
      this.recoveryMsMax = now - killedAt;
      this.slowest = `c${conversation}, held by process ${killed}, went on with ${by ?? 'its reply'}`;
    }
    if (left.length === 0) this.#standstills.delete(conversation);
    else this.#standstills.set(conversation, left);
  }
}
