import type { Web1on1Snapshot } from '@parley/emulators';
import type { Folder } from './folder.js';
import type { Shown } from './observer.js';
import type { Progress } from './script.js';

/** What is saved, in one piece: how far the demo has come, and everything that the provider knows. */
export interface Saved {
  progress: Progress;
  shown: Shown;
  provider: Web1on1Snapshot;
}

/** What an earlier run has left; what cannot be used, or is not to be, is removed. */
export function load(folder: Folder, fresh: boolean): Saved | undefined {
  const saved = fresh ? undefined : (folder.read() as Saved | undefined);
  if (saved === undefined) folder.clear();
  return saved;
}

/** Ends the demo if it cannot be saved: it could not keep what it promises. */
export function save(folder: Folder, saved: Saved): void {
  try {
    folder.write(saved);
  } catch (error) {
    console.error(
      `demo: cannot write to ${folder.path}: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exit(1);
  }
}

/** How many webhooks somebody still has to take. */
export function webhooksLeft({ webhooks }: Web1on1Snapshot): number {
  return webhooks.underWay.length + webhooks.waiting.length;
}
