import type { CallOptions } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { type Decoder, decode } from './decode.js';
import type { HttpRequest } from './http-client.js';
import { redactPath } from './redact.js';

/** The part of a request that the caller's options decide. */
export function calling(options: CallOptions | undefined): CallOptions {
  return {
    ...(options?.signal && { signal: options.signal }),
    ...(options?.retry === false && { retry: false }),
    ...(options?.leaving && { leaving: options.leaving }),
  };
}

/**
 * What a 2xx answer says.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD for one of another shape; ERR_OUTCOME_UNKNOWN where the request must not be repeated: it was
 *   carried out, only its answer cannot be read
 */
export function readAnswer<A>(codec: Decoder<A>, body: unknown, request: HttpRequest): A {
  try {
    return decode(codec, body, () => `${request.method} ${redactPath(request.path)}`);
  } catch (error) {
    if (request.route === 'safe' || !isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD')) throw error;
    const message = `${error.message}; it was carried out: look before repeating`;
    throw new ParleyError('ERR_OUTCOME_UNKNOWN', message, { problems: error.problems });
  }
}
