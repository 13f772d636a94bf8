import type { EngineHost, Event, Log, StartOptions } from '@parley/core';
import { Inbox, Outbox } from '@parley/core/lanes';
import type { PgBoss } from 'pg-boss';
import { Batches } from './batches.js';
import { openBoss } from './boss.js';
import { commitTurns, type TurnCommit } from './commit.js';
import type { Database } from './database.js';
import { DueWork } from './due-work.js';
import { Effects } from './effects.js';
import { acceptAll, type NewEvent, newEvent } from './events.js';
import type { GivenBack } from './held-jobs.js';
import { type EventJob, eventJob, type FetchedJob } from './inbox-jobs.js';
import { inboxStorage, KILLER } from './inbox-storage.js';
import { JobFeed } from './job-feed.js';
import type { HeldJob } from './jobs.js';
import { buryEvent } from './letters.js';
import type { Settings } from './options.js';
import { effectOfJob, outboxStorage, type Settling, settleAll } from './outbox-storage.js';
import type { PgEffect } from './pg-effect.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';
import { readScopes, type ScopeState } from './state.js';
import { lanesOf } from './store-effects.js';
import { Suspects } from './suspects.js';
import { Waiters } from './waiters.js';
import { WakeUp, type Work } from './wake-up.js';
import { withinMs } from './within.js';

/** Deaths of the process that was handling an event before it becomes a dead letter. */
const MOST_DEATHS = 10;

/** Everything that works once the database is there: what stores, what fetches, what runs. */
export class Works {
  readonly tables: Tables;
  readonly effects: Effects;
  readonly waiters: Waiters;
  readonly inbox: Inbox<EventJob>;
  readonly outbox: Outbox<PgEffect>;
  readonly due: DueWork;
  readonly reads: Batches<string, ScopeState>;
  readonly #settings: Settings;
  readonly #database: Database;
  readonly #boss: PgBoss;
  readonly #wakeUp: WakeUp;
  readonly #accepts: Batches<readonly NewEvent[], number>;
  readonly #events: JobFeed<{ event: string; key: string }>;
  readonly #deliveries: JobFeed<string>;
  readonly #suspects = new Suspects((lanes) => this.#events.ask(lanes));
  readonly #leftEvents: GivenBack[] = [];
  readonly #leftEffects: GivenBack[] = [];
  #fetching = false;

  constructor(settings: Settings, database: Database, tables: Tables, log: Log) {
    const { clock, concurrency, deliveryConcurrency } = settings;
    const { run } = database;
    const now = (): number => clock.now();
    this.#settings = settings;
    this.#database = database;
    this.tables = tables;
    this.#boss = openBoss(settings, database);
    this.#wakeUp = new WakeUp(database, settings.schema, clock, (work) => this.#onWork(work));
    this.effects = new Effects({
      database,
      tables,
      now,
      keyedTtlMs: settings.dedupeTtlMs,
      onLeaving: (lanes) => this.#ask(this.#deliveries, lanes),
    });
    this.waiters = new Waiters(this.effects, clock);
    this.#accepts = new Batches(200, (calls) => this.#accept(calls));
    this.reads = new Batches(200, (scopes) => readScopes(run, tables, scopes, now()));
    const common = {
      boss: this.#boss,
      database,
      tables,
      clock,
      log,
      takeOverAfterMs: settings.takeOverAfterMs,
    };
    this.#events = new JobFeed({
      ...common,
      queue: 'inbox',
      slots: () => Math.min(this.inbox.free, 4 * concurrency - this.#events.held.size),
      onJobs: (jobs) => this.#takeEvents(jobs, log),
    });
    this.#deliveries = new JobFeed({
      ...common,
      queue: 'outbox',
      slots: () => deliveryConcurrency - this.#deliveries.held.size + this.outbox.blocked,
      onJobs: (jobs) => this.#takeEffects(jobs),
    });
    this.inbox = this.#openInbox();
    this.outbox = this.#openOutbox();
    this.due = new DueWork({
      run,
      tables,
      clock,
      log,
      dedupeTtlMs: settings.dedupeTtlMs,
      onDue: ({ events, effects }) => {
        if (events) this.#events.nudge();
        if (effects) this.#deliveries.nudge();
      },
    });
  }

  #openInbox(): Inbox<EventJob> {
    const { settings, database, tables } = this.#parts();
    const { clock } = settings;
    const now = (): number => clock.now();
    const commits = new Batches<TurnCommit, 'done' | 'conflict' | 'gone'>(100, async (turns) => {
      const outcomes = await commitTurns(database, tables, turns, now());
      this.#events.ask(turns.map(({ lane }) => lane));
      this.#ask(this.#deliveries, lanesOf(turns.flatMap(({ effects }) => effects)));
      return outcomes;
    });
    return new Inbox({
      clock,
      random: settings.random,
      backoff: { firstMs: settings.backoffMs, maxMs: settings.maxBackoffMs },
      maxAttempts: settings.maxAttempts,
      turnTimeoutMs: settings.turnTimeoutMs,
      concurrency: settings.concurrency,
      storage: inboxStorage(
        {
          database,
          tables,
          now,
          effects: this.effects,
          reads: this.reads,
          commits,
          feed: { drop: (item) => this.#end(item), ask: (lanes) => this.#events.ask(lanes) },
          due: this.#due,
        },
        this.#leftEvents,
      ),
    });
  }

  #openOutbox(): Outbox<PgEffect> {
    const { settings, database, tables } = this.#parts();
    const { clock } = settings;
    const now = (): number => clock.now();
    const settling = new Batches<Settling, boolean>(200, async (batch) => {
      const stored = await settleAll(database.run, tables, batch, now());
      this.#deliveries.ask(batch.map(({ record }) => record.effect.lane));
      return stored;
    });
    return new Outbox({
      clock,
      random: settings.random,
      backoff: { firstMs: settings.backoffMs, maxMs: settings.maxBackoffMs },
      maxAttempts: settings.maxDeliveryAttempts,
      lookUpAfterMs: settings.lookUpAfterMs,
      durable: true,
      storage: outboxStorage(
        { run: database.run, tables, now, settling, feed: this.#deliveries, effects: this.effects },
        this.#leftEffects,
      ),
    });
  }

  #parts(): { settings: Settings; database: Database; tables: Tables } {
    return { settings: this.#settings, database: this.#database, tables: this.tables };
  }

  #end(item: HeldJob): void {
    this.#events.drop(item);
    this.#suspects.over(item.job);
  }

  readonly #due = (at: number): void => this.due.expect(at);

  /** Opens what fetches. */
  async open(): Promise<void> {
    await this.#boss.start();
  }

  start(host: EngineHost, { turns = true }: StartOptions = {}): void {
    this.#fetching = true;
    this.outbox.start(host);
    if (turns) {
      this.inbox.start(host);
      this.#events.start();
    }
    this.#deliveries.start();
    this.due.start();
    void this.#wakeUp.listen();
  }

  /** How many of these events are new. */
  accept(events: readonly Event[]): Promise<number> {
    return this.#accepts.add(events.map(newEvent));
  }

  /** Runs what runs to its end, turns first, since they make effects; begins nothing new and gives the rest back. */
  async drain(): Promise<void> {
    this.due.stop();
    await this.#events.stop();
    await this.inbox.drain();
    await this.#events.held.giveBack(this.#leftEvents.splice(0));
    await this.#deliveries.fetchOnce();
    this.#fetching = false;
    await this.#deliveries.stop();
    await this.outbox.drain();
    await this.#deliveries.held.giveBack(this.#leftEffects.splice(0));
    await this.#wakeUp.callForAll();
  }

  /** Ends at once: what runs is fenced and goes back to its queue, as far as the database can still be reached. */
  async close(): Promise<void> {
    this.#fetching = false;
    this.due.stop();
    this.waiters.close();
    this.inbox.abort();
    this.outbox.abort();
    await withinMs(1_000, Promise.all([this.inbox.drain(), this.outbox.drain()]));
    await withinMs(3_000, this.#leave());
    this.#events.close();
    this.#deliveries.close();
    await withinMs(
      1_000,
      Promise.all([this.#wakeUp.close(), this.#boss.stop({ graceful: false, close: false })]),
    );
  }

  /** Deliveries that did not end by now are left to those who take over: they look whether they happened. */
  async #leave(): Promise<void> {
    await Promise.all([this.#events.stop(), this.#deliveries.stop()]);
    await this.#deliveries.held.giveBack(this.#leftEffects.splice(0));
    await this.#events.held.giveBack(this.#leftEvents.splice(0));
    await this.#events.held.giveBackAll();
    await this.#wakeUp.callForAll();
  }

  async #accept(calls: readonly (readonly NewEvent[])[]): Promise<number[]> {
    const { clock, dedupeTtlMs } = this.#settings;
    const counts = await acceptAll(this.#database.run, this.tables, calls, clock.now(), dedupeTtlMs);
    const fresh = calls.filter((_call, index) => counts[index] !== 0);
    this.#ask(
      this.#events,
      fresh.flatMap((events) => events.map(({ lane }) => lane)),
    );
    return counts;
  }

  #onWork(work: Work): void {
    if (work === undefined) this.nudgeAll();
    else if (work.queue === 'inbox') this.#events.ask(work.lanes);
    else this.#deliveries.ask(work.lanes);
  }

  nudgeAll(): void {
    this.#events.nudge();
    this.#deliveries.nudge();
  }

  /** Whoever stores work fetches it, or leaves it to the others if it cannot. */
  #ask(feed: Asked, lanes: readonly string[]): void {
    if (lanes.length === 0) return;
    feed.ask(lanes);
    if (!this.#fetching || !feed.isOpen || feed.isFull) this.#wakeUp.call(feed.queue, lanes);
  }

  /** Of a lane we hold one event at a time; the next one is fetched when it is done. */
  #takeEvents(jobs: readonly FetchedJob<{ event: string; key: string }>[], log: Log): void {
    const back: GivenBack[] = [];
    for (const item of jobs.map(eventJob)) {
      if (item.fetches >= MOST_DEATHS) void this.#giveUp(item, log);
      else if (!this.#suspects.holds(item)) this.inbox.push(item.lane, item);
      else back.push({ job: item.job, fetches: item.fetches, begun: false, later: true, notes: undefined });
    }
    // What cannot be given back shows no sign of life any more, and is taken over.
    this.#events.held.giveBack(back).catch(() => {});
  }

  async #giveUp(item: EventJob, log: Log): Promise<void> {
    log.error({ event: item.event.id }, 'An event that its process died of again and again is given up');
    try {
      await buryEvent(this.#database.run, this.tables, item, KILLER, this.#settings.clock.now());
    } catch (error) {
      log.warn({ event: item.event.id, reason: refusalOf(error).message }, 'It cannot be given up yet');
    }
    this.#events.drop(item);
    this.#events.ask([item.lane]);
  }

  async #takeEffects(jobs: readonly FetchedJob<string>[]): Promise<void> {
    const now = this.#settings.clock.now();
    const strange = jobs.filter(({ data }) => this.effects.known(data)?.status !== 'queued');
    const rows = strange.length === 0 ? [] : await this.effects.read(strange.map(({ data }) => data));
    const stored = new Map(rows.map((row) => [row.id, row]));
    for (const job of jobs) {
      const known = this.effects.known(job.data);
      const row = stored.get(job.data);
      if (known?.status === 'queued') this.outbox.push(effectOfJob(job, known.effect, known, now));
      else if (row?.status === 'queued')
        this.outbox.push(effectOfJob(job, effectOf(row.body), undefined, now));
      else void this.#forget(job);
    }
  }

  /** It was erased while its process died. */
  async #forget({ id, retryCount, singletonKey }: FetchedJob<string>): Promise<void> {
    const statement = `DELETE FROM ${this.tables.outbox} WHERE name = 'outbox' AND id = $1::uuid`;
    await this.#database.run(statement, [id]).catch(() => {});
    this.#deliveries.drop({ job: id, fetches: retryCount });
    this.#deliveries.ask([singletonKey ?? '']);
  }
}

type Asked = Pick<JobFeed<unknown>, 'ask' | 'isFull' | 'isOpen' | 'queue'>;

function effectOf(body: string): PgEffect['effect'] {
  return JSON.parse(body) as PgEffect['effect'];
}
