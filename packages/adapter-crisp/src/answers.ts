import type { Occurrences, Source } from './occurrence.js';
import { createRecentMap } from './recent-map.js';

/** What one way has brought of one question. */
interface Told {
  /** The answer that stands; undefined while there is none. */
  last: string | undefined;
  /** The time of the newest hook. */
  at: number;
  /** By answer: how many times it was given. */
  times: Map<string, number>;
}

/** Questions whose answers are remembered; about as many again for a while. */
const MOST_QUESTIONS = 2_000;

export interface Answers {
  /** The same occurrences, which also count answers. `isRetry`: of hooks that are delivered again. */
  in(occurrences: Occurrences, isRetry?: boolean): Occurrences;
}

/**
 * Counts how many times a visitor gives an answer to a question, in one process: an update brings what stands, and neither an id nor a
 * time. What is given again after another answer is new; what stands already is not.
 *
 * Hook and socket are counted apart, since either may lag behind: both come to the same number. What cannot be told from a repetition
 * counts as one, because an answer that is heard twice may order something twice: a hook that is delivered again or is older than
 * the newest, and whatever was answered before this process.
 */
export function createAnswers(): Answers {
  const questions = createRecentMap<Told>(MOST_QUESTIONS);
  const toldOf = (source: Source, question: string): Told => {
    const key = `${source} ${question}`;
    const told = questions.get(key) ?? { last: undefined, at: Number.NEGATIVE_INFINITY, times: new Map() };
    questions.set(key, told);
    return told;
  };

  return {
    in: (occurrences, isRetry = false) => {
      const answered = (source: Source, at: number, question: string, answer: string | undefined): number => {
        const told = toldOf(source, question);
        const before = answer === undefined ? 0 : (told.times.get(answer) ?? 0);
        const isLate = source === 'hook' && (isRetry || at <= told.at);
        const isNew = !isLate && told.last !== answer;
        const times = isNew ? before + 1 : Math.max(before, 1);
        if (answer !== undefined) told.times.set(answer, times);
        // Nothing newer is known: then this is what stands, though it counts as one.
        if (isRetry && told.at === Number.NEGATIVE_INFINITY) told.last = answer;
        if (!isNew) return times;
        told.last = answer;
        told.at = at;
        return times;
      };
      return {
        of: (source, at) => {
          const occurrence = occurrences.of(source, at);
          occurrence.answer = (question, answer) => answered(source, at, question, answer);
          return occurrence;
        },
      };
    },
  };
}
