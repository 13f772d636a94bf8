import { randomUUID } from 'node:crypto';
import type { Adapter, FeedPort, WebhookRequest } from '../adapter.js';
import type { Effect, EffectAction, EffectRecord } from '../effect.js';
import type { Engine, EngineHost, EngineStats, Erased, StartOptions } from '../engine.js';
import { memoryEngine } from '../engine-memory/memory-engine.js';
import { ParleyError } from '../errors.js';
import { Leases } from '../lease.js';
import { stderrLog } from '../log.js';
import { accountOf } from '../model/id.js';
import type { Offered } from '../offered.js';
import type { Plan } from '../plan.js';
import { plan } from '../plan.js';
import { openAccounts } from './accounts.js';
import { alone } from './alone.js';
import { createBus } from './bus.js';
import { assertEventName } from './event-names.js';
import { listenToFeed } from './feed.js';
import type { Filter, Pattern } from './filter.js';
import { compileFilter, compilePatterns } from './filter.js';
import type { HostParts, Listener } from './host.js';
import { createHost } from './host.js';
import { rememberOffered } from './offers.js';
import { contentsOf, prepare } from './outgoing.js';
import { Receipts } from './receipts.js';
import type { NoticeListener } from './reports.js';
import { Reports } from './reports.js';
import { SaidEffects } from './said.js';
import { SESSION, sessionFormat } from './session.js';
import { timerCancel, timerWrite } from './timers.js';
import type { HandlerTurn } from './turn.js';
import type {
  Accounts,
  Bot,
  BotOptions,
  ErrorHandler,
  LeavingCheck,
  Notice,
  OpenOptions,
  OutgoingMiddleware,
  Said,
  Sayable,
  SendOptions,
  WebhookAnswer,
} from './types.js';
import { answerWebhook } from './webhook.js';
import type { When } from './when.js';
import { momentOf } from './when.js';

/** Makes a bot. Nothing happens until `start`, except that webhooks are already stored. */
export function createBot<const A extends Accounts, S extends object = Record<string, unknown>>(
  options: BotOptions<A, S>,
): Bot<A, S> {
  return new ParleyBot(options) as unknown as Bot<A, S>;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof BotOptions<Accounts, object>>([
  'accounts',
  'engine',
  'log',
  'session',
  'failOpen',
]);

/** Tries of `updateSession`; turns that write the same session in between are rare. */
const UPDATE_TRIES = 20;

type AnyHandler = (turn: HandlerTurn) => unknown;

class ParleyBot {
  readonly accounts: Record<string, Adapter>;
  readonly engine: Engine;
  state: Bot['state'] = 'created';
  readonly #opened: Map<string, Adapter>;
  readonly #parts: HostParts;
  readonly #host: EngineHost;
  readonly #incoming: HostParts['incoming'][number][] = [];
  readonly #outgoing: OutgoingMiddleware[] = [];
  readonly #leaving: LeavingCheck[] = [];
  readonly #fallbacks: Listener[] = [];
  readonly #reports: Reports;
  readonly #registered = new Map<AnyHandler, { name: string; listener: Listener }[]>();
  readonly #stop = new AbortController();
  readonly #feeds: Promise<void>[] = [];
  #order = 0;

  constructor(options: BotOptions<Accounts, object>) {
    for (const key of Object.keys(options)) {
      if (OPTIONS.has(key)) continue;
      throw new ParleyError(
        'ERR_CONFIG',
        `createBot({ ${key} }): unknown; expected one of ${[...OPTIONS].join(', ')}`,
      );
    }
    const { accounts, engine = memoryEngine(), log = stderrLog, session = { initial: () => ({}) } } = options;
    this.engine = engine;
    const listeners = createBus<Listener>();
    this.#reports = new Reports({
      engine,
      log,
      failOpen: options.failOpen ?? false,
      providerOf: (account) => this.#opened.get(account)?.provider,
      isListening: (name) => this.state === 'running' && listeners.listeners(name).length > 0,
    });
    this.#opened = openAccounts(accounts, engine, log, (account, notice) =>
      this.#reports.notice({ ...notice, account }),
    );
    this.accounts = Object.fromEntries(this.#opened);
    this.#parts = {
      engine,
      log,
      sessions: sessionFormat(session, engine.clock),
      receipts: new Receipts(),
      listeners,
      fallbacks: this.#fallbacks,
      incoming: this.#incoming,
      outgoing: this.#outgoing,
      leaving: this.#leaving,
      adapterOf: (account) => this.#opened.get(account),
      onError: (error, context) => this.#reports.error(error, context),
      onNotice: (notice) => this.#reports.notice(notice),
    };
    this.#host = createHost(this.#parts);
  }

  on(name: string, filterOrHandler: Filter | AnyHandler, handler?: AnyHandler): this {
    assertEventName(name);
    if (typeof filterOrHandler === 'function') return this.#register(name, filterOrHandler, {}, false);
    return this.#register(name, handlerOf(handler), filterOrHandler, false);
  }

  hears(
    patterns: Pattern | readonly Pattern[],
    filterOrHandler: Filter | AnyHandler,
    handler?: AnyHandler,
  ): this {
    const text: readonly Pattern[] =
      patterns instanceof RegExp || typeof patterns === 'string' ? [patterns] : patterns;
    if (!Array.isArray(text))
      throw new ParleyError('ERR_CONFIG', 'hears: expected a string, a RegExp or an array of them');
    compilePatterns(text);
    const filter = typeof filterOrHandler === 'function' ? {} : filterOrHandler;
    const run = typeof filterOrHandler === 'function' ? filterOrHandler : handlerOf(handler);
    return this.#register('message.received', run, { ...filter, text }, true);
  }

  fallback(filterOrHandler: Filter | AnyHandler, handler?: AnyHandler): this {
    const filter = typeof filterOrHandler === 'function' ? {} : filterOrHandler;
    const run = typeof filterOrHandler === 'function' ? filterOrHandler : handlerOf(handler);
    const listener = this.#listener(run, filter, false);
    this.#fallbacks.push(listener);
    this.#remember(run, '', listener);
    return this;
  }

  off(handler: AnyHandler): this {
    for (const { name, listener } of this.#registered.get(handler) ?? []) {
      this.#parts.listeners.off(name, listener);
      const at = this.#fallbacks.indexOf(listener);
      if (at >= 0) this.#fallbacks.splice(at, 1);
    }
    this.#registered.delete(handler);
    return this;
  }

  incoming(middleware: HostParts['incoming'][number]): this {
    this.#incoming.push(middleware);
    return this;
  }

  outgoing(middleware: OutgoingMiddleware): this {
    this.#outgoing.push(middleware);
    return this;
  }

  leaving(check: LeavingCheck): this {
    this.#leaving.push(check);
    return this;
  }

  onError(handler: ErrorHandler): this {
    this.#reports.onError(handler);
    return this;
  }

  onNotice(name: Notice['name'], handler: NoticeListener): this {
    this.#reports.onNotice(name, handler);
    return this;
  }

  async start(options: StartOptions = {}): Promise<void> {
    if (this.state !== 'created')
      throw new ParleyError('ERR_CONFLICT', `The bot was started before: it is ${this.state}`);
    this.state = 'running';
    if (!this.engine.durable) {
      this.#parts.log.warn(
        { engine: this.engine.name },
        'This engine forgets everything when the process ends',
      );
    }
    await this.engine.start(this.#host, options);
    if (options.turns === false) return;
    for (const adapter of this.#opened.values()) {
      if (adapter.feed !== undefined) await this.#listen(adapter, adapter.feed);
    }
  }

  /**
   * One process hears for all that share the engine; what happened until it took over, its feed catches up. Resolves when it is
   * decided who hears: what happens from then on is heard.
   */
  async #listen(adapter: Adapter, feed: FeedPort): Promise<void> {
    const { engine } = this;
    const failed = (code: string): void =>
      this.#reports.notice({ name: 'feed.failed', account: adapter.account, code });
    const listen = (signal: AbortSignal) => listenToFeed(adapter, feed, engine, signal, failed);
    if (engine.shared !== true) {
      this.#feeds.push(listen(this.#stop.signal));
      return;
    }
    const leases = new Leases(engine);
    const { ended } = await alone(leases, `feed:${adapter.account}`, engine.clock, this.#stop.signal, listen);
    this.#feeds.push(ended.then(() => leases.close()));
  }

  webhook(account: string, request: WebhookRequest): Promise<WebhookAnswer> {
    return answerWebhook(this.#opened.get(account), this.engine, request, this.#parts.log, (refusal) =>
      this.#reports.notice({ name: 'webhook.refused', account, ...refusal }),
    );
  }

  async say(
    target: string | { account: string; to: NonNullable<Parameters<typeof prepare>[2]['to']> },
    content: Sayable,
    options: OpenOptions = {},
  ): Promise<Said> {
    if (typeof target === 'string') return this.#sayIn(target, content, options);
    const { account, to } = target;
    const adapter = this.#adapter(account);
    const draft = { account, conversationId: undefined, to, note: false };
    const { parts, losses, offered } = await prepare(adapter, this.#outgoing, draft, content);
    const { key, channel, at, after, ...rest } = options;
    const reached = channel === undefined ? to : { ...to, channel };
    const request = { ...rest, to: reached, contents: parts };
    const moment = momentOf({ at, after }, this.engine.clock, 'say');
    const action: EffectAction = { kind: 'open', request };
    const leaving = { key, moment, offered };
    const record = await this.#enqueue(account, `${account}:${to.value}`, action, 0, leaving);
    return new SaidEffects(this.#parts, [record], losses);
  }

  preview(account: string, content: Sayable): Plan[] {
    const limits = this.#adapter(account).messages?.accepts;
    if (limits === undefined)
      throw new ParleyError('ERR_UNSUPPORTED', `accounts.${account}: cannot send messages`);
    return contentsOf(content).map((one) => plan(one, limits));
  }

  async session(conversationId: string): Promise<object | undefined> {
    const entry = await this.engine.readState(conversationId, SESSION);
    return entry === undefined ? undefined : this.#parts.sessions.read(entry);
  }

  async updateSession(conversationId: string, change: (session: object) => unknown): Promise<object> {
    for (let tries = 0; tries < UPDATE_TRIES; tries += 1) {
      const entry = await this.engine.readState(conversationId, SESSION);
      const session = this.#parts.sessions.read(entry);
      await change(session);
      const write = this.#parts.sessions.write(conversationId, entry, session);
      if (write === undefined || (await this.engine.writeState(write))) return session;
    }
    throw new ParleyError('ERR_CONFLICT', `The session was changed by others ${UPDATE_TRIES} times in a row`);
  }

  async setTimer(conversationId: string, name: string, when: When, data?: unknown): Promise<void> {
    const at = momentOf(when, this.engine.clock, `setTimer("${name}")`);
    if (at === undefined) {
      throw new ParleyError('ERR_CONFIG', `setTimer("${name}"): expected { at } or { after }`);
    }
    const { account, provider } = this.#adapter(accountOf(conversationId));
    await this.engine.setTimer(timerWrite(account, provider, conversationId, name, at, data));
  }

  async cancelTimer(conversationId: string, name: string): Promise<void> {
    await this.engine.setTimer(timerCancel(conversationId, name));
  }

  async erase(contactId: string, also: readonly string[] = []): Promise<Erased> {
    return this.engine.erase([contactId, ...also]);
  }

  get deadLetters(): Engine['deadLetters'] {
    return this.engine.deadLetters;
  }

  async stats(): Promise<EngineStats> {
    return this.engine.stats();
  }

  async drain(options?: { timeoutMs?: number }): Promise<{ drained: boolean; left: number }> {
    if (this.state === 'running' || this.state === 'created') this.state = 'draining';
    this.#stop.abort();
    await Promise.all(this.#feeds);
    return this.engine.drain(options);
  }

  async close(options?: { timeoutMs?: number }): Promise<void> {
    if (this.state === 'closed') return;
    await this.drain(options);
    this.state = 'closed';
    await this.engine.close();
    await Promise.all([...this.#opened.values()].map((adapter) => adapter.close()));
  }

  #register(name: string, handler: AnyHandler, filter: Filter, hears: boolean): this {
    const listener = this.#listener(handler, filter, hears);
    this.#parts.listeners.on(name, listener);
    this.#remember(handler, name, listener);
    return this;
  }

  #listener(handler: AnyHandler, filter: Filter, hears: boolean): Listener {
    const key = String(this.#order);
    this.#order += 1;
    const run = (turn: HandlerTurn): unknown => handler(turn);
    return Object.assign(run, { key, matcher: compileFilter(filter), hears });
  }

  #remember(handler: AnyHandler, name: string, listener: Listener): void {
    const known = this.#registered.get(handler);
    if (known === undefined) this.#registered.set(handler, [{ name, listener }]);
    else known.push({ name, listener });
  }

  #adapter(account: string): Adapter {
    const adapter = this.#opened.get(account);
    if (adapter !== undefined) return adapter;
    const known = [...this.#opened.keys()].join(', ');
    throw new ParleyError(
      'ERR_CONFIG',
      `There is no account "${account.slice(0, 63)}": the bot has ${known}`,
    );
  }

  async #sayIn(conversationId: string, content: Sayable, options: SendOptions): Promise<Said> {
    const { key, channel } = options;
    const moment = momentOf(options, this.engine.clock, 'say');
    const adapter = this.#adapter(accountOf(conversationId));
    const draft = { account: adapter.account, conversationId, to: undefined, note: false };
    const { parts, losses, offered } = await prepare(adapter, this.#outgoing, draft, content);
    if (offered !== undefined && moment === undefined)
      await rememberOffered(this.engine, conversationId, offered);
    const records: EffectRecord[] = [];
    for (const [part, one] of parts.entries()) {
      const action: EffectAction = { kind: 'message', conversationId, content: one };
      if (channel !== undefined) action.channel = channel;
      // What leaves later is what a person sees last from then on only.
      const isLast = moment !== undefined && part === parts.length - 1;
      const leaving = { key, moment, offered: isLast ? offered : undefined };
      records.push(await this.#enqueue(adapter.account, conversationId, action, part, leaving));
    }
    return new SaidEffects(this.#parts, records, losses);
  }

  async #enqueue(
    account: string,
    lane: string,
    action: EffectAction,
    part: number,
    { key, moment, offered }: Leaving,
  ): Promise<EffectRecord> {
    const createdAt = new Date(this.engine.clock.now()).toISOString();
    const id = key === undefined ? `say:${account}:${randomUUID()}` : `key:${account}:${key}.${part}`;
    const effect: Effect = { id, account, lane, action, createdAt };
    if (key !== undefined) effect.keyed = true;
    if (moment !== undefined) effect.notBefore = new Date(moment).toISOString();
    if (offered !== undefined) effect.offered = offered;
    return this.engine.enqueue(effect);
  }
}

/** How an effect from outside of turns leaves. */
interface Leaving {
  key: string | undefined;
  moment: number | undefined;
  offered: Offered | undefined;
}

function handlerOf(handler: AnyHandler | undefined): AnyHandler {
  if (typeof handler === 'function') return handler;
  throw new ParleyError('ERR_CONFIG', 'handler: expected a function after the filter');
}
