import { resolve } from 'node:path';
import { type EngineChoice, engineChoiceOf, loadEngineChoice, openEngine } from '@parley/config';
import { type Engine, isParleyError, ParleyError } from '@parley/core';
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
  if (choice.kind === 'memory') throw seenByNobody();
  const running = await runningBot(choice);
  if (running !== undefined) return work(running);
  const engine = await takeEngine(choice);
  try {
    return await work(operationsOf(engine));
  } finally {
    await engine.close();
  }
}

export function seenByNobody(): Error {
  return new Error(
    'The engine in memory is seen by its own process only; name another with --engine sqlite:<file> or postgres://...',
  );
}

/**
 * The engine, open and not started.
 *
 * @throws ERR_CONFLICT if another process has its file open
 */
export async function takeEngine(choice: EngineChoice): Promise<Engine> {
  const engine = await openEngine(choice, { alsoFrom: [import.meta.dirname] });
  try {
    // Some open their file with the first question only.
    await engine.stats();
    return engine;
  } catch (error) {
    await engine.close();
    if (!isParleyError(error, 'ERR_CONFLICT')) throw error;
    const remedy = 'It serves no operations: see `serveOperations` in @parley/server.';
    throw new ParleyError('ERR_CONFLICT', `${error.message}. ${remedy}`, { cause: error });
  }
}

export async function chooseEngine({ engine, config }: EngineGiven): Promise<EngineChoice> {
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

/**
 * The bot that has the engine's file open.
 *
 * @throws ERR_CONFIG if there is no such file: an engine would make it
 */
export async function runningBot(choice: EngineChoice): Promise<Operations | undefined> {
  const file = fileOf(choice);
  return file === undefined ? undefined : connectOperations(file);
}

/** Of an engine that is a file, and need not be there yet. */
export function fileOf(choice: EngineChoice): string | undefined {
  if (choice.kind === 'memory') return undefined;
  if (choice.kind === 'engine') return isFileEngine(choice.engine) ? choice.engine.file : undefined;
  const { file } = choice.options;
  return typeof file === 'string' ? resolve(choice.directory, file) : undefined;
}
