import { isParleyError, ParleyError } from '@parley/core';

/** Collects what is wrong, so that one run names all of it. */
export interface Problems {
  /** Never with the value that is there: it may be a secret. */
  add(place: string, problem: string): void;
  /** What `error` says, with every option's name extended to its place in the file. */
  addError(place: string, error: unknown): void;
  count(): number;
  /** @throws ERR_CONFIG if there are any */
  throwIfAny(): void;
}

/** `file`: what each message begins with. */
export function collectProblems(file: string): Problems {
  const problems: string[] = [];
  return {
    add: (place, problem) => problems.push(`${place}: ${problem}`),
    addError(place, error) {
      if (!isParleyError(error)) problems.push(`${place}: ${withoutWords(error)}`);
      else if (error.problems === undefined) problems.push(`${place}: ${error.message}`);
      else problems.push(...error.problems.map((problem) => `${place}.${problem}`));
    },
    count: () => problems.length,
    throwIfAny() {
      if (problems.length > 0)
        throw new ParleyError('ERR_CONFIG', `${file}: ${problems.join('; ')}`, { problems });
    },
  };
}

/** A foreign error may quote an option's value: it is shown by its name and where it was thrown. */
export function withoutWords(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return 'something was thrown';
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
  const where = /^ {4}at ((?!.*(?:node:|<anonymous>)).+)$/m.exec(String(error.stack))?.[1];
  return where === undefined ? `${name} was thrown` : `${name} was thrown at ${where}`;
}
