import { type Adapter, type Engine, type Log, ParleyError, stderrLog } from '@parley/core';
import { attributionOf } from './attribution.js';
import type { BroadcastBot, IncomingTurn } from './broadcast-bot.js';
import { Driver } from './driver.js';
import { eraseAddress } from './erase.js';
import { Leaving } from './leaving.js';
import { OptOut, type OptOutOptions } from './opt-out.js';
import { openPlanner, type Planner } from './planner.js';
import { learnFrom } from './receipts.js';
import { isOver } from './run-header.js';
import type { RunStatus } from './run-report.js';
import { statusOf } from './run-status.js';
import { openRuns, type Runs } from './runs.js';
import { RunStore } from './store.js';
import { SuppressionList, type Suppressions } from './suppressions.js';

export interface BroadcastOptions {
  /** Which words opt out, and what is answered. False: nobody opts out by writing. */
  optOut?: OptOutOptions | false;
  /** Days for which an answer is one to the campaign. Default 14. */
  attributionDays?: number;
  /** Days for which a run is kept, with its recipients. Default 90. */
  keepDays?: number;
  /** Messages of a run that are under way at once, where they are sent one by one. Default 100. */
  window?: number;
  /** Default: warnings and errors to stderr. */
  log?: Log;
}

/** Between two counts of a run passes so many times what counting takes. */
const COUNTING_SHARE = 10;

/** Campaigns of a bot. */
export interface Broadcast extends Runs, Planner {
  readonly suppressions: Suppressions;
  /** Goes on with the runs that are not over, also with those of a process that died. Call it after `bot.start()`. */
  start(): Promise<void>;
  /** Lets go of the runs, which another process, or the next start, goes on with. Call it before `bot.close()`. */
  stop(): Promise<void>;
  /**
   * Resolves when the run has ended: everything is sent, or nothing more will be. Receipts may still come.
   *
   * @throws ERR_NOT_FOUND; ERR_ABORTED if the signal fires or `stop` is called
   */
  finished(id: string, options?: { signal?: AbortSignal }): Promise<RunStatus>;
  /** The status now, and whenever it has changed, at most once a second, until the run has ended or the signal fires. */
  watch(id: string, signal?: AbortSignal): AsyncIterable<RunStatus>;
  /**
   * Removes what is kept about the person at this address: in runs, for attribution, and what waits to be sent. Only the
   * suppression list keeps it, if it is there: see `suppressions.remove`.
   *
   * @throws ERR_CONFIG if there can be no such address
   */
  erase(address: string): Promise<void>;
}

/**
 * Campaigns for a bot, on all its accounts. Call it before `bot.start()`: it listens to receipts, answers and opt-outs.
 *
 * @throws ERR_CONFIG for a wrong option, or a bot that has been started
 */
export function createBroadcast(bot: BroadcastBot, options: BroadcastOptions = {}): Broadcast {
  if (bot.state !== 'created')
    throw new ParleyError(
      'ERR_CONFIG',
      `createBroadcast: call it before bot.start(); the bot is ${bot.state}`,
    );
  const { attributionDays = 14, keepDays = 90, window = 100, log = stderrLog } = options;
  positive('attributionDays', attributionDays);
  positive('keepDays', keepDays);
  positive('window', window);
  const { engine } = bot;
  const store = new RunStore(stateOf(engine));
  const suppressions = new SuppressionList(store.state);
  const adapterOf = (account: string): Adapter | undefined =>
    Object.hasOwn(bot.accounts, account) ? bot.accounts[account] : undefined;
  const planner = openPlanner(store.state, bot.accounts, { keepDays });
  const isRunning = (): boolean => bot.state === 'running';
  const driving = { store, engine, suppressions, log, attributionDays, window, adapterOf, isRunning };
  const driver = new Driver(driving);
  const runs = openRuns(store.state);
  const optOut =
    options.optOut === false
      ? undefined
      : new OptOut(bot, store.state, suppressions, log, options.optOut ?? {});

  bot.incoming(async (turn, next) => {
    if (driver.hasRuns) await listen(store, turn, attributionDays, driver.isSending);
    if (optOut === undefined || !(await optOut.hear(turn))) await next();
  });

  const leaving = new Leaving(store, suppressions);
  bot.leaving((effect) => leaving.whyWithheld(effect));

  /** What is wanted of a run here is known here at once. */
  const soon = async (status: Promise<RunStatus>): Promise<RunStatus> => {
    const known = await status;
    void driver.look();
    return known;
  };

  async function* watch(id: string, signal?: AbortSignal): AsyncGenerator<RunStatus, void, undefined> {
    let last = '';
    const goesOn = (): boolean => signal?.aborted !== true && !driver.isStopped;
    const { clock } = engine;
    while (goesOn()) {
      const asked = clock.elapsed();
      const header = await store.headerOrThrow(id);
      const status = await statusOf(store, header);
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      if (isOver(header)) return;
      // A large run is not counted all the time.
      const until = clock.elapsed() + COUNTING_SHARE * (clock.elapsed() - asked);
      do await driver.nextLook(signal);
      while (goesOn() && clock.elapsed() < until);
    }
  }

  return {
    ...runs,
    suppressions,
    start: () => driver.start(),
    stop: () => driver.stop(),
    plan: planner.plan,
    run: (spec, runOptions) => soon(planner.run(spec, runOptions)),
    pause: (id) => soon(runs.pause(id)),
    resume: (id) => soon(runs.resume(id)),
    cancel: (id) => soon(runs.cancel(id)),
    watch,
    async finished(id, { signal } = {}) {
      for (;;) {
        const header = await store.headerOrThrow(id);
        if (isOver(header)) return statusOf(store, header);
        if (signal?.aborted === true || driver.isStopped)
          throw new ParleyError('ERR_ABORTED', `Nobody waits for run "${id}" any more`, {
            cause: signal?.reason,
          });
        await driver.nextLook(signal);
      }
    },
    async erase(address) {
      const accounts = Object.keys(bot.accounts);
      const { scopes } = await eraseAddress(store, address, accounts, (runs) => driver.heard(runs));
      await engine.erase(scopes);
    },
  };
}

function stateOf(engine: Engine): RunStore['state'] {
  return {
    clock: engine.clock,
    readState: (scope, kind) => engine.readState(scope, kind),
    writeState: (write) => engine.writeState(write),
  };
}

async function listen(
  store: RunStore,
  turn: IncomingTurn,
  attributionDays: number,
  isSending: boolean,
): Promise<void> {
  await learnFrom(store, turn, isSending);
  const { event, message } = turn;
  if (event.name !== 'message.received' || message?.author.role !== 'contact') return;
  const attribution = await attributionOf(store.state, turn, attributionDays);
  if (attribution !== undefined) message.attribution = attribution;
}

function positive(name: string, value: number): void {
  if (value > 0) return;
  throw new ParleyError('ERR_CONFIG', `createBroadcast({ ${name} }): expected a number above 0`);
}
