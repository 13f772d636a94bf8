import type { CrispSnapshot, Web1on1Snapshot } from '@parley/emulators';
import type { Folder } from './folder.js';
import type { Shown } from './observer.js';
import type { Progress } from './script.js';

/** Everything that the providers know. */
export interface Providers {
  web1on1: Web1on1Snapshot;
  crisp: CrispSnapshot;
}

/** What is saved, in one piece: how far the demo has come, and everything that the providers know. */
export interface Saved extends Providers {
  progress: Progress;
  shown: { web1on1: Shown; crisp: Shown };
  /** When buttons in the chat box were pressed, which the provider does not keep; ISO 8601 by message. */
  pressedAt: Record<string, string>;
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
