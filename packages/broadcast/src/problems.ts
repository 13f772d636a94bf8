import { ParleyError } from '@parley/core';

/** Collects what is wrong with a campaign, so that all of it is named at once. */
export interface Problems {
  /** `problem`: what is wrong and what to do about it, never a person's words or address. */
  add(place: string, problem: string): void;
  readonly found: readonly string[];
  /** @throws ERR_CONFIG if there are any */
  throwIfAny(): void;
}

/** `source`: what each place is in, for example `may.yaml`. */
export function collectProblems(source: string): Problems {
  const found: string[] = [];
  return {
    found,
    add: (place, problem) => found.push(place === '' ? problem : `${place}: ${problem}`),
    throwIfAny() {
      if (found.length > 0)
        throw new ParleyError('ERR_CONFIG', `${source}: ${found.join('; ')}`, { problems: [...found] });
    },
  };
}
