import type { Emitter, EventType } from 'mitt';
import * as mittModule from 'mitt';

// mitt's declarations describe a CommonJS default that `nodenext` cannot call: this is the one place that imports it.
const mitt = mittModule.default as unknown as <T extends Record<EventType, unknown>>() => Emitter<T>;

/** Who listens to what. Keeps the order of registration and leaves calling, waiting and isolating to its user. */
export interface Bus<Listener> {
  on(name: string, listener: Listener): void;
  off(name: string, listener: Listener): void;
  /** Those who listen to `name`, then those who listen to `*`. The array is live: do not keep it. */
  listeners(name: string): readonly Listener[];
}

type Registry = Record<string, unknown>;

/** A mitt whose handlers are `Listener` objects: it is the registry; mitt's own `emit` would stop at the first one that throws. */
export function createBus<Listener extends (...args: never[]) => unknown>(): Bus<Listener> {
  const emitter = mitt<Registry>();
  const none: readonly Listener[] = [];
  const of = (name: string): readonly Listener[] => {
    const found = emitter.all.get(name) as unknown;
    return (found as readonly Listener[] | undefined) ?? none;
  };
  return {
    on: (name, listener) => emitter.on(name, listener as never),
    off: (name, listener) => emitter.off(name, listener as never),
    listeners: (name) => {
      const everything = of('*');
      const named = of(name);
      if (everything.length === 0) return named;
      return named.length === 0 ? everything : [...named, ...everything];
    },
  };
}
