import type { Adapter } from '../adapter.js';
import type { Effect } from '../effect.js';
import type { Engine, StateEntry, StateWrite, TimerWrite, TurnAttempt } from '../engine.js';
import { ParleyError } from '../errors.js';
import { contactOf, conversationOf } from '../event-key.js';
import type { Log } from '../log.js';
import type { Conversation } from '../model/conversation.js';
import type { Message } from '../model/message.js';
import type { Offered } from '../offered.js';
import type { HumanControl } from './control.js';
import { CONTROL, controlAfter, controlWrite, readControl } from './control.js';
import type { Matchable } from './filter.js';
import { toEffectError } from './handler-error.js';
import { choiceOf, OFFERS, offersWrite } from './offers.js';
import type { Receipts } from './receipts.js';
import { receiptFor, receiptKind, receiptWrite } from './receipts.js';
import type { SessionFormat } from './session.js';
import { SESSION } from './session.js';
import { conversationAfter, SNAPSHOT, snapshotWrite } from './snapshot.js';
import type { OutgoingMiddleware } from './types.js';

/** What every turn of a bot shares. */
export interface Surroundings {
  readonly engine: Engine;
  readonly log: Log;
  readonly outgoing: readonly OutgoingMiddleware[];
  readonly sessions: SessionFormat<object>;
  readonly receipts: Receipts;
}

type Stored = StateEntry | undefined;

/** What a turn may need, in the order that `#take` takes it. */
const KINDS = [SESSION, SNAPSHOT, OFFERS, CONTROL] as const;

/** One try of one turn: what its handlers share, and what it will commit. */
export class TurnScope implements Matchable {
  readonly surroundings: Surroundings;
  readonly attempt: TurnAttempt;
  readonly adapter: Adapter;
  readonly conversationId: string | undefined;
  /** Effects that leave with the commit. */
  readonly held: Effect[] = [];
  #timers: TimerWrite[] | undefined;
  /** The message that this event tells the fate of. */
  readonly receipt: ReturnType<typeof receiptFor>;
  #session: object | undefined;
  #sessionEntry: Stored;
  #snapshotEntry: Stored;
  #offersEntry: Stored;
  #controlEntry: Stored;
  #receiptEntry: Stored;
  #control: HumanControl | undefined;
  #offered: Offered | undefined;
  /** Null: not looked at yet. */
  #conversation: Conversation | null | undefined = null;
  #choice: { value: string; label?: string } | null | undefined = null;
  #over = false;
  #underWay = 0;
  #allDone: (() => void) | undefined;
  #failures: unknown[] | undefined;

  constructor(surroundings: Surroundings, attempt: TurnAttempt, adapter: Adapter) {
    this.surroundings = surroundings;
    this.attempt = attempt;
    this.adapter = adapter;
    this.conversationId = conversationOf(attempt.event);
    this.receipt = receiptFor(attempt.event);
  }

  /** The state this turn may need, read in one go. Returns a promise only if the engine does. */
  load(): Promise<void> | undefined {
    const id = this.conversationId;
    if (id === undefined) return undefined;
    const kinds = this.receipt === undefined ? KINDS : [...KINDS, receiptKind(this.receipt.messageId)];
    const entries = this.attempt.readStates(id, kinds);
    if (entries instanceof Promise) return entries.then((loaded) => this.#take(loaded));
    this.#take(entries);
    return undefined;
  }

  #take([session, snapshot, offers, control, receipt]: readonly Stored[]): void {
    this.#sessionEntry = session;
    this.#snapshotEntry = snapshot;
    this.#offersEntry = offers;
    this.#controlEntry = control;
    this.#receiptEntry = receipt;
    this.#control = controlAfter(this, readControl(control));
  }

  get event(): TurnAttempt['event'] {
    return this.attempt.event;
  }

  get message(): Message | undefined {
    const { event } = this.attempt;
    return 'message' in event ? event.message : undefined;
  }

  get conversation(): Conversation | undefined {
    if (this.#conversation === null) this.#conversation = conversationAfter(this.event, this.#snapshotEntry);
    return this.#conversation;
  }

  /** Only what a person says can press a button. */
  get choice(): { value: string; label?: string } | undefined {
    if (this.#choice === null) {
      const message = this.message;
      this.#choice = message?.direction === 'in' ? choiceOf(message, this.#offersEntry) : undefined;
    }
    return this.#choice;
  }

  get session(): object {
    this.#session ??= this.surroundings.sessions.read(this.#sessionEntry);
    return this.#session;
  }

  /** Who speaks to the contact from here on. */
  get control(): 'bot' | 'human' {
    return this.#control === undefined ? 'bot' : 'human';
  }

  /** A hand-over calls for a human; `bot` gives the conversation back. */
  giveTo(whom: 'bot' | 'human'): void {
    this.#control = whom === 'bot' ? undefined : (this.#control ?? {});
  }

  offer(offered: Offered): void {
    this.#offered = offered;
  }

  /** What this turn does to timers, in the order it did. */
  get timers(): readonly TimerWrite[] | undefined {
    return this.#timers;
  }

  setTimer(write: TimerWrite): void {
    this.assertRunning();
    this.#timers ??= [];
    this.#timers.push(write);
  }

  assertRunning(): void {
    if (!this.#over) return;
    throw new ParleyError(
      'ERR_CONFLICT',
      'This turn is over: await everything a handler does before it returns',
    );
  }

  end(): void {
    this.#over = true;
  }

  /** Watches something a handler began, so that forgetting to await it neither cuts it off nor ends the process. */
  watch<T>(doing: Promise<T>): Promise<T> {
    this.#underWay += 1;
    doing.then(
      () => this.#finished(),
      (error: unknown) => {
        this.#failures ??= [];
        this.#failures.push(error);
        this.#finished();
      },
    );
    return doing;
  }

  /** Resolves when nothing is under way; undefined if nothing is. */
  finished(): Promise<void> | undefined {
    if (this.#underWay === 0) return undefined;
    return new Promise((resolve) => {
      this.#allDone = resolve;
    });
  }

  #finished(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0) return;
    if (this.#allDone !== undefined) this.#allDone();
    if (this.#over) this.logFailures([]);
  }

  /** Says which failures no handler passed on: whoever forgot an `await` would never learn of them. */
  logFailures(passedOn: readonly unknown[]): void {
    for (const error of this.#failures ?? []) {
      if (passedOn.includes(error)) continue;
      const { code, message } = toEffectError(error);
      const fields = { event: this.attempt.event.id, code, reason: message };
      this.surroundings.log.warn(
        fields,
        'Something a handler began failed, and the handler did not pass it on',
      );
    }
    this.#failures = undefined;
  }

  /** Everything this turn changes, to be committed at once. */
  writes(): StateWrite[] {
    const writes: StateWrite[] = [];
    const id = this.conversationId;
    if (id === undefined) return writes;
    const { event } = this.attempt;
    const now = this.surroundings.engine.clock.now();
    if (this.#session !== undefined) {
      const write = this.surroundings.sessions.write(id, this.#sessionEntry, this.#session);
      if (write !== undefined) writes.push(write);
    }
    const snapshot = snapshotWrite(id, event, this.#snapshotEntry, now);
    if (snapshot !== undefined) writes.push(snapshot);
    const control = controlWrite(id, this.#control, this.#controlEntry, now);
    if (control !== undefined) writes.push(control);
    if (this.#offered !== undefined) writes.push(offersWrite(id, this.#offered, this.#offersEntry, now));
    if (this.receipt !== undefined) {
      const { messageId, receipt } = this.receipt;
      const write = receiptWrite(id, messageId, receipt, this.#receiptEntry, now);
      if (write !== undefined) writes.push(write);
    }
    const subject = writes.length === 0 ? undefined : contactOf(event);
    if (subject !== undefined) for (const write of writes) write.subject = subject;
    return writes;
  }
}
