import { ENGINES } from './engine.js';
import type { Figures, Progress } from './figures.js';
import type { TortureOptions } from './options.js';
import { openPlace } from './place.js';
import { startProvider } from './provider.js';
import { Torment } from './torment.js';
import { Wire } from './wire.js';

/** One run, from the start of the provider to the last figure. `signal` ends it early, with everything that it started. */
export async function torture(
  options: TortureOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Figures> {
  const began = performance.now();
  await using opened = new AsyncDisposableStack();
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  interrupted.catch(() => {});
  const open = async (): Promise<Torment> => {
    const place = opened.adopt(await openPlace(options), (it) => it.close());
    const provider = opened.adopt(await startProvider(options), (it) => it.close());
    const { shared } = ENGINES[options.engine];
    const wire = shared ? opened.adopt(await Wire.open(place.address), (it) => it.close()) : undefined;
    return opened.use(new Torment(options, { provider, address: place.address, wire, progress }));
  };
  // Not raced: what is half open cannot be closed.
  const torment = await open();
  signal.throwIfAborted();
  await Promise.race([torment.run(), interrupted]);
  const figures = await Promise.race([torment.figures(), interrupted]);
  return { ...figures, seconds: Math.round((performance.now() - began) / 100) / 10 };
}
