import { type HttpHandler, HttpResponse, http } from 'msw';
import type { ChatIncEmulator } from '../chatinc/emulator.js';
import type { CrispEmulator } from '../crisp/emulator.js';
import type { Web1on1Emulator } from '../web1on1/server.js';

export interface ProviderHandlersOptions {
  /** Scheme and host of what the emulator stands in for. Default: the provider's own hosts. */
  origins?: readonly string[];
}

/** Any emulator that answers requests in process. */
export type Emulated =
  | Pick<Web1on1Emulator, 'handle' | 'credentials'>
  | Pick<CrispEmulator, 'handle' | 'credentials'>
  | Pick<ChatIncEmulator, 'handle' | 'credentials'>;

const ORIGINS: Record<Emulated['credentials']['provider'], readonly string[]> = {
  // The API's host today, and its host before the platform was renamed (npm `chipchat`, lib/client.js).
  web1on1: ['https://api.web1on1.chat', 'https://api.chatshipper.com'],
  // npm `crisp-api`, lib/crisp.ts.
  crisp: ['https://api.crisp.chat'],
  // docs.broadcast.chatinc.com names the first two, the second with http as well; the third is its host under an earlier name.
  chatinc: [
    'https://api.broadcast.chatinc.com',
    'https://api.chatinc.com',
    'http://api.chatinc.com',
    'https://api.chatsooner.com',
  ],
};

/**
 * msw request handlers that let the emulator answer for Web1on1's own hosts, in process: with its faults, its rate limit
 * and its journal. A connection that a fault drops is `HttpResponse.error()`.
 *
 * @throws TypeError for an origin with a path, or that is none
 */
export function web1on1Handlers(
  emulator: Pick<Web1on1Emulator, 'handle'>,
  { origins = ORIGINS.web1on1 }: ProviderHandlersOptions = {},
): HttpHandler[] {
  return handlersFor(emulator, origins);
}

/**
 * The same for Crisp's REST API. The real-time API stays on the emulator's own address, which discovery names.
 *
 * @throws TypeError for an origin with a path, or that is none
 */
export function crispHandlers(
  emulator: Pick<CrispEmulator, 'handle'>,
  { origins = ORIGINS.crisp }: ProviderHandlersOptions = {},
): HttpHandler[] {
  return handlersFor(emulator, origins);
}

/**
 * The same for Chat Inc's broadcast API, under every host that its documentation has had.
 *
 * @throws TypeError for an origin with a path, or that is none
 */
export function chatIncHandlers(
  emulator: Pick<ChatIncEmulator, 'handle'>,
  { origins = ORIGINS.chatinc }: ProviderHandlersOptions = {},
): HttpHandler[] {
  return handlersFor(emulator, origins);
}

/** Handlers for whichever provider it is. */
export function providerHandlers(emulator: Emulated, { origins }: ProviderHandlersOptions): HttpHandler[] {
  return handlersFor(emulator, origins ?? ORIGINS[emulator.credentials.provider]);
}

function handlersFor({ handle }: Pick<Emulated, 'handle'>, origins: readonly string[]): HttpHandler[] {
  return origins.map((origin) => {
    if (URL.parse(origin)?.origin !== origin)
      throw new TypeError(`origins: expected scheme and host, such as "https://api.example.com"`);
    return http.all(`${origin}/*`, ({ request }) => handle(request).catch(() => HttpResponse.error()));
  });
}
