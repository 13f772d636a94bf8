import type { TortureOptions } from './options.js';

/** Where the engine keeps its things, for one run. */
export interface Place {
  /** A file, or an address, or nothing. */
  readonly address: string;
  /** Removes it, and ends the server that was started for it. */
  close(): Promise<void>;
}

export async function openPlace({ engine }: TortureOptions): Promise<Place> {
  switch (engine) {
    case 'memory':
      return { address: '', close: async () => {} };
  }
}
