import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOn } from './cores.js';

/** A process beside the one that is measured: it answers every message with one message. */
export interface HelperProcess extends AsyncDisposable {
  ask(message: unknown): Promise<unknown>;
  /** Ends it as the kernel would: nothing of its own runs any more. */
  kill(): Promise<void>;
}

/** Starts `name`, a file beside this one: compiled as this one is, or as its source, which Node reads as well. */
export function startHelper(
  name: 'load-process' | 'provider-process' | 'postgres-process',
  core: number | undefined,
): HelperProcess {
  const file = fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
  const [command, args] = nodeOn(core, file, []);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const answers: ((answer: unknown) => void)[] = [];
  child.on('message', (answer) => answers.shift()?.(answer));
  const ended = once(child, 'exit');
  const endedEarly = ended.then(([code]): never => {
    throw new Error(`${name} ended with ${String(code)} before it answered`);
  });
  // Whoever asks hears about it; nobody asks after the end.
  endedEarly.catch(() => {});
  return {
    ask: (message) => {
      const answer = new Promise((resolve) => {
        answers.push(resolve);
      });
      child.send(message as object);
      return Promise.race([answer, endedEarly]);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
