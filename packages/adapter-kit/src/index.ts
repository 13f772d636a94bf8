// The parts of an exchange (attempt, outcome, retry-after) stay inside: `createHttpClient` is their only user.

export type { StandaloneOptions } from './account-context.js';
export { standaloneAccount } from './account-context.js';
export { calling, readAnswer } from './answer.js';
export type { Authorization } from './authorization.js';
export { basicAuthorization, fixedAuthorization } from './authorization.js';
export type { Decoded, Decoder, Mismatch } from './decode.js';
export { decode, decodeEach } from './decode.js';
export type {
  HttpClient,
  HttpClientOptions,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  RouteKind,
} from './http-client.js';
export { createHttpClient } from './http-client.js';
export { parseJson } from './json.js';
export { readJwtClaims } from './jwt.js';
export type { Lifetime } from './lifetime.js';
export { createLifetime } from './lifetime.js';
export type { Link } from './link-header.js';
export { nextLink, parseLinkHeader } from './link-header.js';
export * as option from './options.js';
export type { Target } from './origin.js';
export { isNearby, parseOrigin, pathSegment, sameOriginTarget } from './origin.js';
export type { Paging } from './paginate.js';
export { paginate } from './paginate.js';
export type { PollOptions } from './poll.js';
export { poll } from './poll.js';
export type { ReconnectOptions } from './reconnect.js';
export { reconnect } from './reconnect.js';
export { redact, redactPath } from './redact.js';
export type { Session, SessionOptions } from './renew.js';
export { bearer, createSession, sessionAuthorization } from './renew.js';
export type { HmacCheck } from './signature.js';
export { isFresh, isSecret, verifyHmac } from './signature.js';
export type { FileTokenStoreOptions } from './token-store-file.js';
export { fileTokenStore } from './token-store-file.js';
