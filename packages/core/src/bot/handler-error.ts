import type { EffectError } from '../effect.js';
import { isParleyError } from '../errors.js';

/** Errors of the language itself: their words name code, not data. JSON.parse's SyntaxError quotes its input, so it is not here. */
const ABOUT_CODE: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError']);

/**
 * An error as it may be stored and logged. A handler's own error may quote what a person wrote: of it only the name and the
 * place remain. `onError` gets the whole error.
 */
export function toEffectError(error: unknown): EffectError {
  if (isParleyError(error)) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: 'Error', message: `a ${typeof error} was thrown` };
  const place = /\n\s+at (?:.*\()?(.+?:\d+:\d+)\)?/.exec(error.stack ?? '')?.[1] ?? 'an unknown place';
  const words = ABOUT_CODE.has(error.name) ? `${error.message} ` : '';
  return { code: error.name, message: `${words}at ${place}` };
}
