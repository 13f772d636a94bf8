import type { HttpResponse } from './http-client.js';

/** Where a request's `Authorization` header comes from. */
export interface Authorization {
  /** The header's value. A promise only where something has to be waited for. */
  value(): string | Promise<string>;
  /**
   * Asked after an answer that is a failure: another value to send the request with once more, or undefined if this answer
   * does not refuse the credentials. A rejection becomes the request's own.
   */
  renew?(refused: string, answer: HttpResponse): Promise<string> | undefined;
  /** Told when the value from `renew` failed as well. */
  refusedAgain?(refused: string, answer: HttpResponse): void;
}

/** Credentials that do not change: a raw API key, or a scheme and its value. */
export function fixedAuthorization(value: string): Authorization {
  return { value: () => value };
}

/** HTTP Basic (RFC 7617) in UTF-8. */
export function basicAuthorization(user: string, password: string): Authorization {
  return fixedAuthorization(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
}
