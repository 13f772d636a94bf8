import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** A body that is handed over as it comes. The connection waits while nobody reads on. */
export interface Flow {
  readonly body: Readable;
  /** Milliseconds in which nobody read on. */
  idleMs(): number;
  push(chunk: Buffer): void;
  end(): void;
  break(error: Error): void;
}

/** @param onLeft called when whoever reads has had enough before the end */
export function openFlow(controller: Dispatcher.DispatchController, onLeft: () => void): Flow {
  let broken = false;
  let idleMs = 0;
  let idleSince: number | undefined;
  const body = new Readable({
    read: () => {
      if (idleSince === undefined) return;
      idleMs += Date.now() - idleSince;
      idleSince = undefined;
      controller.resume();
    },
    destroy: (error, done) => {
      if (!broken && !body.readableEnded) onLeft();
      done(error);
    },
  });
  // It may break before somebody reads; whoever reads then is told.
  body.on('error', () => {});
  return {
    body,
    idleMs: () => idleMs,
    push: (chunk) => {
      if (body.push(chunk) || idleSince !== undefined) return;
      idleSince = Date.now();
      controller.pause();
    },
    end: () => {
      body.push(null);
    },
    break: (error) => {
      broken = true;
      body.destroy(error);
    },
  };
}
