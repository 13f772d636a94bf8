import { HttpRequestInterceptor } from '@mswjs/interceptors/http';
import type { AnyHandler } from 'msw';
import { defineNetwork, HttpNetworkFrame, InterceptorSource, NetworkReadyState } from 'msw/experimental';
import { type Emulated, type ProviderHandlersOptions, providerHandlers } from './provider-handlers.js';

/**
 * What becomes of requests to hosts that nobody stands in for: they go out (`pass`), or fail as if the connection had been
 * refused, with an error that says so (`refuse`). This machine is always reached: webhooks and your own servers live there.
 */
export type OtherHosts = 'pass' | 'refuse';

export interface InterceptOptions extends ProviderHandlersOptions {
  /** Default `pass`. */
  otherHosts?: OtherHosts;
  /** Your own msw handlers, for other services that the bot calls. They are asked first. */
  handlers?: readonly AnyHandler[];
}

/** Interception of this process's HTTP. Off until it is enabled. */
export interface Interception {
  /** Does nothing when it is on. Connections that are already open stay what they are. */
  enable(): void;
  /** Does nothing when it is off. Clients connect anew afterwards. */
  disable(): void;
  /** Puts handlers before all others, for one test. */
  use(...handlers: AnyHandler[]): void;
  /** Takes away what `use` has added. */
  reset(): void;
}

/**
 * Lets the emulator answer whatever this process sends to the provider's own hosts, by npm undici (which msw's
 * `setupServer` does not see), global `fetch`, `node:http` or `node:https`. Nothing needs to know: the bot keeps its
 * production configuration.
 */
export function interceptProvider(
  emulator: Emulated,
  { otherHosts = 'pass', handlers = [], ...options }: InterceptOptions = {},
): Interception {
  const network = defineNetwork({
    sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
    handlers: [...handlers, ...providerHandlers(emulator, options)],
    context: { quiet: true },
    onUnhandledFrame: ({ frame }) => {
      if (otherHosts === 'refuse' && frame instanceof HttpNetworkFrame) refuseUnlessLocal(frame.data.request);
    },
  });
  const isEnabled = () => network.readyState === NetworkReadyState.ENABLED;
  return {
    enable: () => {
      if (!isEnabled()) network.enable();
    },
    disable: () => {
      if (isEnabled()) network.disable();
    },
    use: (...added) => network.use(...added),
    reset: () => network.resetHandlers(),
  };
}

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws what looks like node's own error: msw gives the client nothing else as it is */
function refuseUnlessLocal({ method, url }: Request): void {
  const { hostname, origin } = new URL(url);
  if (LOCAL.test(hostname)) return;
  const error = new Error(
    `${method} ${origin} was not let out: no handler stands in for this host. Add one to "handlers", or its origin to "origins"`,
  );
  throw Object.assign(error, { code: 'ECONNREFUSED', errno: -111, syscall: 'connect' });
}
