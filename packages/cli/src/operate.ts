import { resolve } from 'node:path';
import { type EngineChoice, engineChoiceOf, loadEngineChoice, openEngine } from '@parley/config';
import { isParleyError, ParleyError } from '@parley/core';
import { connectOperations, isFileEngine, type Operations, operationsOf } from '@parley/server';
import type { ArgsDef } from 'citty';
import { UsageError } from './usage-error.js';

/** How every operations command is told which engine. */
export const ENGINE_ARGS = {
  engine: {
    type: 'string',
    description: 'sqlite:<file> or postgres://...; default: PARLEY_ENGINE, then the config file',
  },
  config: { type: 'string', description: 'Config file; default: the parley.config.* of this folder' },
  json: { type: 'boolean', description: 'One line of JSON' },
} satisfies ArgsDef;

export interface EngineGiven {
  engine?: string;
  config?: string;
}

/**
 * Runs `work` on the chosen engine: through the bot that has its file open, if one answers, else on the engine itself, which
 * is opened for it and not started.
 */
export async function operate<T>(
  given: EngineGiven,
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const choice = await chooseEngine(given);
  if (choice.kind === 'memory') {
    throw new Error(
      'The engine in memory is seen by its own process only; name another with --engine sqlite:<file> or postgres://...',
    );
  }
  const running = await runningBot(choice);
  if (running !== undefined) return work(running);
  return onEngine(choice, work);
}

async function onEngine<T>(choice: EngineChoice, work: (operations: Operations) => Promise<T>): Promise<T> {
  const engine = await openEngine(choice, { alsoFrom: [import.meta.dirname] });
  try {
    return await work(operationsOf(engine));
  } catch (error) {
    // Of a file that another process has open.
    if (!isParleyError(error, 'ERR_CONFLICT')) throw error;
    const remedy = 'It serves no operations: see `serveOperations` in @parley/server.';
    throw new ParleyError('ERR_CONFLICT', `${error.message}. ${remedy}`, { cause: error });
  } finally {
    await engine.close();
  }
}

async function chooseEngine({ engine, config }: EngineGiven): Promise<EngineChoice> {
  const named = engine ?? (config === undefined ? process.env.PARLEY_ENGINE : undefined);
  if (named === undefined) return loadEngineChoice(config === undefined ? {} : { file: config });
  try {
    return engineChoiceOf(named, process.cwd());
  } catch (error) {
    throw new UsageError(
      `${engine === undefined ? 'PARLEY_ENGINE' : '--engine'}: ${(error as Error).message}`,
    );
  }
}

async function runningBot(
  choice: Exclude<EngineChoice, { kind: 'memory' }>,
): Promise<Operations | undefined> {
  if (choice.kind === 'engine') {
    return isFileEngine(choice.engine) ? connectOperations(choice.engine.file) : undefined;
  }
  const { file } = choice.options;
  // Before it is opened: an engine would make a file that is not there.
  return typeof file === 'string' ? connectOperations(resolve(choice.directory, file)) : undefined;
}
