import type { EventJob } from './inbox-jobs.js';

/** Deaths of its process after which an event is under suspicion. Fewer are what every deployment may do. */
const SUSPICIOUS = 3;

/**
 * Events whose process died again and again while they were handled. In one process they run one at a time: whichever of them
 * kills it then does so alone, and the others, which had not begun, are not counted as dead with it.
 */
export class Suspects {
  readonly #waiting = new Set<string>();
  readonly #onFree: (lanes: string[]) => void;
  #running: string | undefined;

  /** `onFree`: one of the events of these lanes may begin. */
  constructor(onFree: (lanes: string[]) => void) {
    this.#onFree = onFree;
  }

  /** True if it has to go back to its queue for now. */
  holds({ fetches, job, lane }: EventJob): boolean {
    if (fetches < SUSPICIOUS || job === this.#running) return false;
    if (this.#running === undefined) {
      this.#running = job;
      return false;
    }
    this.#waiting.add(lane);
    return true;
  }

  /** It is done, and the process lives. */
  over(job: string): void {
    if (job !== this.#running) return;
    this.#running = undefined;
    const lanes = [...this.#waiting];
    this.#waiting.clear();
    if (lanes.length > 0) this.#onFree(lanes);
  }
}
