import type { Adapter, HandOverRequest } from '../adapter.js';
import type { Effect, EffectAction, EffectRecord } from '../effect.js';
import { ParleyError } from '../errors.js';
import type { Log } from '../log.js';
import { textOf } from '../model/content.js';
import type { Conversation, FieldValue } from '../model/conversation.js';
import type { Event } from '../model/event.js';
import type { Id } from '../model/id.js';
import type { Message } from '../model/message.js';
import type { Loss } from '../plan.js';
import { prepare } from './outgoing.js';
import { SaidEffects } from './said.js';
import type { TurnScope } from './scope.js';
import { timerCancel, timerWrite } from './timers.js';
import type { Ability, Said, Say, Sayable, SayOptions } from './types.js';
import type { When } from './when.js';
import { momentOf } from './when.js';

const NO_LOSSES: readonly Loss[] = [];

/** What one handler sees of a turn. Its effects are keyed by handler and ordinal, so that one handler's failure shifts no other's. */
export class HandlerTurn {
  match: RegExpExecArray | undefined;
  readonly #scope: TurnScope;
  readonly #handler: string;
  #ordinal = 0;

  constructor(scope: TurnScope, handler: string) {
    this.#scope = scope;
    this.#handler = handler;
  }

  get event(): Event {
    return this.#scope.attempt.event;
  }

  get attempt(): number {
    return this.#scope.attempt.attempt;
  }

  get signal(): AbortSignal {
    return this.#scope.attempt.signal;
  }

  get log(): Log {
    return this.#scope.surroundings.log;
  }

  get adapter(): Adapter {
    return this.#scope.adapter;
  }

  get message(): Message | undefined {
    return this.#scope.message;
  }

  get conversation(): Conversation | undefined {
    return this.#scope.conversation;
  }

  get conversationId(): Id | undefined {
    return this.#scope.conversationId;
  }

  get text(): string {
    const { message, choice } = this.#scope;
    if (message?.content.kind === 'choice' && choice?.label !== undefined) return choice.label;
    return message === undefined ? '' : (textOf(message.content) ?? '');
  }

  get contactName(): string | undefined {
    const { message, conversation } = this.#scope;
    if (message?.author.role === 'contact' && message.author.name !== undefined) return message.author.name;
    if (conversation?.kind !== 'contact') return undefined;
    return conversation.contactName ?? conversation.name;
  }

  get choice(): { value: string; label?: string } | undefined {
    return this.#scope.choice;
  }

  get session(): object {
    return this.#scope.session;
  }

  say(content: Sayable, options?: SayOptions): Promise<Said> {
    return this.#scope.watch(this.#send(content, false, options, undefined));
  }

  reply(content: Sayable, options?: SayOptions): Promise<Said> {
    const quote = this.text === '' ? undefined : this.text;
    return this.#scope.watch(this.#send(content, false, options, quote));
  }

  note(content: Sayable): Promise<Said> {
    return this.#scope.watch(this.#send(content, true, undefined, undefined));
  }

  async typing(on = true): Promise<void> {
    if (this.#scope.adapter.messages?.typing === undefined) return;
    await this.#act(() => ({ kind: 'typing', conversationId: this.#conversation(), on }));
  }

  assign(...assigneeIds: Id[]): Promise<Said> {
    return this.#act(() => ({ kind: 'assign', conversationId: this.#conversation(), assigneeIds }));
  }

  open(): Promise<Said> {
    return this.#act(() => ({ kind: 'status', conversationId: this.#conversation(), status: 'open' }));
  }

  close(): Promise<Said> {
    return this.#act(() => ({ kind: 'status', conversationId: this.#conversation(), status: 'closed' }));
  }

  set(fields: Record<string, FieldValue>): Promise<Said> {
    return this.#act(() => ({ kind: 'fields', conversationId: this.#conversation(), fields }));
  }

  get control(): 'bot' | 'human' {
    return this.#scope.control;
  }

  handOver(request: HandOverRequest): Promise<Said> {
    const done = this.#act(() => ({ kind: 'handOver', conversationId: this.#conversation(), request }));
    this.#scope.giveTo('human');
    return done;
  }

  resume(): void {
    this.#scope.assertRunning();
    this.#scope.giveTo('bot');
  }

  setTimer(name: string, when: When, data?: unknown): void {
    const { adapter, surroundings } = this.#scope;
    const at = momentOf(when, surroundings.engine.clock, `setTimer("${name}")`);
    if (at === undefined) {
      throw new ParleyError('ERR_CONFIG', `setTimer("${name}"): expected { at } or { after }`);
    }
    const { account, provider } = adapter;
    this.#scope.setTimer(timerWrite(account, provider, this.#conversation(), name, at, data));
  }

  cancelTimer(name: string): void {
    this.#scope.setTimer(timerCancel(this.#conversation(), name));
  }

  async step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const { attempt } = this.#scope;
    this.#scope.assertRunning();
    const id = `${attempt.turnId}#${this.#handler}.step:${name}`;
    const earlier = await attempt.recorded(id);
    if (earlier !== undefined) return resultOf(earlier) as T;
    const result = await work();
    const json: string | undefined = JSON.stringify(result);
    await attempt.record(this.#effect(id, { kind: 'step', name, result: json ?? 'null' }));
    return result;
  }

  can(ability: Ability): this is { say: Say; reply: Say } {
    const { conversations, messages } = this.#scope.adapter;
    switch (ability) {
      case 'say':
      case 'note':
        return messages !== undefined;
      case 'typing':
        return messages?.typing !== undefined;
      case 'assign':
        return conversations?.assign !== undefined;
      case 'close':
        return conversations?.setStatus !== undefined;
      case 'set':
        return conversations?.setFields !== undefined;
      case 'handOver':
        return conversations?.handOver !== undefined;
    }
  }

  async #send(
    content: Sayable,
    note: boolean,
    options: SayOptions | undefined,
    quote: string | undefined,
  ): Promise<Said> {
    const scope = this.#scope;
    scope.assertRunning();
    const conversationId = this.#conversation();
    // Taken before anything is awaited: the order of the calls decides the order of leaving.
    const ordinal = this.#next();
    const { engine, outgoing } = scope.surroundings;
    if (!note && scope.control === 'human') {
      scope.surroundings.log.debug({ event: this.event.id }, 'Withheld: a human speaks in this conversation');
      return new SaidEffects(scope.surroundings, [], NO_LOSSES, 'human');
    }
    const draft = { account: scope.adapter.account, conversationId, to: undefined, note };
    const moment = options === undefined ? undefined : momentOf(options, engine.clock, 'say');
    const { parts, losses, offered } = await prepare(scope.adapter, outgoing, draft, content);
    const isLater = moment !== undefined;
    if (offered !== undefined && !note && !isLater) scope.offer(offered);
    const records: EffectRecord[] = [];
    for (let part = 0; part < parts.length; part += 1) {
      const action: EffectAction = {
        kind: 'message',
        conversationId,
        content: parts[part] as (typeof parts)[number],
      };
      if (note) action.note = true;
      if (options?.channel !== undefined) action.channel = options.channel;
      if (quote !== undefined && part === 0) action.quote = quote;
      const id = part === 0 ? ordinal : `${ordinal}.${part}`;
      const effect = this.#effect(id, action, moment);
      // What leaves later is what a person sees last from then on only.
      if (offered !== undefined && isLater && part === parts.length - 1) effect.offered = offered;
      records.push(await this.#store(effect, options?.hold === true));
    }
    return new SaidEffects(scope.surroundings, records, losses);
  }

  #act(make: () => EffectAction): Promise<Said> {
    return this.#scope.watch(this.#actNow(make));
  }

  async #actNow(make: () => EffectAction): Promise<Said> {
    const record = await this.#record(make());
    return new SaidEffects(this.#scope.surroundings, [record], NO_LOSSES);
  }

  async #record(action: EffectAction): Promise<EffectRecord> {
    return this.#store(this.#effect(this.#next(), action), false);
  }

  #store(effect: Effect, hold: boolean): EffectRecord | Promise<EffectRecord> {
    this.#scope.assertRunning();
    if (!hold) return this.#scope.attempt.record(effect);
    this.#scope.held.push(effect);
    return { effect, status: 'queued', attempts: 0 };
  }

  #next(): string {
    const ordinal = this.#ordinal;
    this.#ordinal += 1;
    return `${this.#scope.attempt.turnId}#${this.#handler}.${ordinal}`;
  }

  #effect(id: string, action: EffectAction, moment?: number): Effect {
    const { adapter, conversationId, surroundings } = this.#scope;
    const createdAt = new Date(surroundings.engine.clock.now()).toISOString();
    const effect: Effect = {
      id,
      account: adapter.account,
      lane: conversationId ?? adapter.account,
      ofTurn: true,
      action,
      createdAt,
    };
    if (moment !== undefined) effect.notBefore = new Date(moment).toISOString();
    return effect;
  }

  #conversation(): Id {
    const { conversationId } = this.#scope;
    if (conversationId !== undefined) return conversationId;
    throw new ParleyError(
      'ERR_UNSUPPORTED',
      `The event "${this.event.name}" belongs to no conversation: use bot.say`,
    );
  }
}

function resultOf({ effect: { action } }: EffectRecord): unknown {
  return action.kind === 'step' ? JSON.parse(action.result) : undefined;
}
