import { type HttpHandler, HttpResponse, http } from 'msw';
import type { Web1on1Emulator } from '../web1on1/server.js';

export interface ProviderHandlersOptions {
  /** Scheme and host of what the emulator stands in for. Default: the provider's own hosts. */
  origins?: readonly string[];
}

/** The API's host today, and its host before the platform was renamed (npm `chipchat`, lib/client.js). */
const WEB1ON1_ORIGINS = ['https://api.web1on1.chat', 'https://api.chatshipper.com'];

/**
 * msw request handlers that let the emulator answer for Web1on1's own hosts, in process: with its faults, its rate limit
 * and its journal. A connection that a fault drops is `HttpResponse.error()`.
 *
 * @throws TypeError for an origin with a path, or that is none
 */
export function web1on1Handlers(
  emulator: Pick<Web1on1Emulator, 'handle'>,
  { origins = WEB1ON1_ORIGINS }: ProviderHandlersOptions = {},
): HttpHandler[] {
  return origins.map((origin) => {
    if (URL.parse(origin)?.origin !== origin)
      throw new TypeError(`origins: expected scheme and host, such as "https://api.example.com"`);
    return http.all(`${origin}/*`, ({ request }) =>
      emulator.handle(request).catch(() => HttpResponse.error()),
    );
  });
}
