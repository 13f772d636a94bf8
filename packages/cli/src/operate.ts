import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
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
 *
 * @param creates a file that is not there yet is made; else it is refused
 */
export async function operate<T>(
  given: EngineGiven,
  work: (operations: Operations) => Promise<T>,
  creates = false,
): Promise<T> {
  const choice = await chooseEngine(given);
  if (choice.kind === 'memory') throw seenByNobody();
  const { running, engine } = await reach(choice, creates);
  if (running !== undefined) return work(running);
  try {
    return await work(operationsOf(engine));
  } finally {
    await engine.close();
  }
}

/** The operations of the bot that has the engine's file open, or the engine itself, open and not started. */
export type Reached = { running: Operations; engine?: undefined } | { running?: undefined; engine: Engine };

/** Another command lets go of a file within moments; a bot that begins has it open before it answers. */
const WAIT_FOR_FILE_MS = 5_000;
const TRY_AGAIN_MS = 50;

/**
 * @param creates a file that is not there yet is made; else it is refused
 * @throws ERR_CONFLICT if another process has the file open, and goes on not to answer
 */
export async function reach(choice: EngineChoice, creates: boolean): Promise<Reached> {
  const until = performance.now() + WAIT_FOR_FILE_MS;
  let engine: Engine | undefined;
  try {
    for (;;) {
      const running = await runningBot(choice, creates);
      if (running !== undefined) return { running };
      engine ??= await openEngine(choice, { alsoFrom: [import.meta.dirname] });
      const refusal = await refusalOf(engine);
      if (refusal === undefined) {
        const reached = { engine };
        engine = undefined;
        return reached;
      }
      if (performance.now() >= until) throw unanswered(refusal);
      await setTimeout(TRY_AGAIN_MS);
    }
  } finally {
    await engine?.close();
  }
}

/** Undefined also if there is no file yet, and one is to be made. */
async function runningBot(choice: EngineChoice, creates: boolean): Promise<Operations | undefined> {
  const file = fileOf(choice);
  if (file === undefined || (creates && !existsSync(file))) return undefined;
  return connectOperations(file);
}

/** Another process has it; some engines open their file with the first question only. */
async function refusalOf(engine: Engine): Promise<ParleyError | undefined> {
  try {
    await engine.stats();
    return undefined;
  } catch (error) {
    if (isParleyError(error, 'ERR_CONFLICT')) return error;
    throw error;
  }
}

function unanswered(error: ParleyError): ParleyError {
  const remedy = 'It serves no operations: see `serveOperations` in @parley/server.';
  return new ParleyError('ERR_CONFLICT', `${error.message}. ${remedy}`, { cause: error });
}

export function seenByNobody(): Error {
  return new Error(
    'The engine in memory is seen by its own process only; name another with --engine sqlite:<file> or postgres://...',
  );
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

/** Of an engine that is a file, and need not be there yet. */
export function fileOf(choice: EngineChoice): string | undefined {
  if (choice.kind === 'memory') return undefined;
  if (choice.kind === 'engine') return isFileEngine(choice.engine) ? choice.engine.file : undefined;
  const { file } = choice.options;
  return typeof file === 'string' ? resolve(choice.directory, file) : undefined;
}
