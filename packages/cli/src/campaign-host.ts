import { existsSync } from 'node:fs';
import {
  createBroadcast,
  openPlanner,
  openRuns,
  openSuppressions,
  type Planner,
  type Runs,
  type StateAccess,
  type Suppressions,
} from '@parley/broadcast';
import { loadAccounts } from '@parley/config';
import { type AdapterDefinition, createBot, type Engine, memoryEngine, systemClock } from '@parley/core';
import { type Operations, type OperationsServer, serveOperations } from '@parley/server';
import { chooseEngine, type EngineGiven, fileOf, operate, reach, seenByNobody } from './operate.js';

/** What a command does with campaigns, wherever their runs are kept. */
export interface CampaignHost extends Planner, Runs {
  /** True: another process sends, whether we are there or not. */
  readonly isBot: boolean;
  /** From here on this process sends, if it is the one to. */
  drive(): Promise<void>;
}

/** Runs `work` on the runs alone, for what needs no account. */
export function withRuns<T>(given: EngineGiven, work: (runs: Runs) => Promise<T>): Promise<T> {
  return operate(given, (operations) => work(openRuns(stateOf(operations))));
}

/**
 * Runs `work` on the list of opt-outs.
 *
 * @param creates the engine's file is made if it is not there yet
 */
export function withSuppressions<T>(
  given: EngineGiven,
  work: (suppressions: Suppressions) => Promise<T>,
  creates = false,
): Promise<T> {
  return operate(given, (operations) => work(openSuppressions(stateOf(operations))), creates);
}

/**
 * Runs `work` with the accounts of the config file: through the bot that has the engine's file open, if one answers, else with a bot
 * of our own, which handles no events.
 */
export async function withCampaigns<T>(
  given: EngineGiven,
  work: (host: CampaignHost) => Promise<T>,
): Promise<T> {
  const choice = await chooseEngine(given);
  const accounts = await loadAccounts({ file: given.config });
  if (choice.kind === 'memory') throw seenByNobody();
  const { running, engine } = await reach(choice, true);
  if (running === undefined) return asBot(accounts, engine, work);
  const state = stateOf(running);
  return onPorts(accounts, state, (planner) =>
    work({ ...openRuns(state), ...planner, isBot: true, drive: async () => {} }),
  );
}

/**
 * Runs `work` with one account, for what sends nothing. What is kept is read only, so that any engine will do, also one whose file is
 * not there yet.
 */
export async function withPlanner<T>(
  given: EngineGiven,
  account: string,
  work: (planner: Planner) => Promise<T>,
): Promise<T> {
  const choice = await chooseEngine(given);
  const accounts = await loadAccounts({ file: given.config, only: account });
  const file = fileOf(choice);
  const isThere = file === undefined ? choice.kind !== 'memory' : existsSync(file);
  const { running, engine = memoryEngine() } = isThere ? await reach(choice, false) : {};
  try {
    return await onPorts(accounts, running === undefined ? engine : stateOf(running), work);
  } finally {
    await engine.close();
  }
}

/** Of the accounts only what they accept is read. */
async function onPorts<T>(
  accounts: Record<string, AdapterDefinition>,
  state: StateAccess,
  work: (planner: Planner) => Promise<T>,
): Promise<T> {
  const bot = createBot({ accounts, engine: memoryEngine() });
  try {
    return await work(openPlanner(state, bot.accounts));
  } finally {
    await bot.close();
  }
}

async function asBot<T>(
  accounts: Record<string, AdapterDefinition>,
  engine: Engine,
  work: (host: CampaignHost) => Promise<T>,
): Promise<T> {
  const bot = createBot({ accounts, engine });
  const broadcast = createBroadcast(bot, { optOut: false });
  let operations: OperationsServer | undefined;
  const drive = async (): Promise<void> => {
    // Events wait for the bot that has handlers for them.
    await bot.start({ turns: false });
    await broadcast.start();
  };
  try {
    // As long as this process has the file, other commands reach the runs through it.
    operations = await serveOperations(engine);
    return await work({ ...broadcast, isBot: false, drive });
  } finally {
    await operations?.close();
    await broadcast.stop();
    await bot.close();
  }
}

export function stateOf(operations: Operations): StateAccess {
  return {
    clock: systemClock,
    readState: (scope, kind) => operations.readState(scope, kind),
    writeState: (write) => operations.writeState(write),
  };
}
