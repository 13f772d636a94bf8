import type { Authorization, HttpRequest, HttpResponse } from '@parley/adapter-kit';
import { bearer, createSession, decode } from '@parley/adapter-kit';
import type { AccountContext, TokenPair } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { readBotEmail, readClaims } from './claims.js';
import type { Web1on1Config } from './config.js';
import { TokenAnswerCodec } from './wire/codecs.js';
import type { Web1on1TokenAnswer } from './wire/token.js';

/** Whose token it is, as far as the configuration, the token or a login tells. */
export interface Identity {
  selfId?: string;
  organization?: string;
  scope?: string;
}

export interface Auth {
  authorization: Authorization;
  /** A promise while a login is still to tell our user id; then it resolves, or rejects, with that login. */
  who(): Identity | Promise<Identity>;
  /** What is known now. */
  known(): Identity;
  /** What is known once there is a token to ask. Rejects as a request would that finds none. */
  ready(): Promise<Identity>;
}

const TOKEN_PATH = '/v2/auth/token';

/**
 * The session of one account: the configured token, a refreshed one, or one from a login; renewed ahead of its end and when
 * it is refused, by one caller at a time.
 *
 * @param send a client of the same origin; what it is given here needs no session
 */
export function createAuth(
  config: Web1on1Config,
  account: AccountContext,
  send: (request: HttpRequest) => Promise<HttpResponse>,
): Auth {
  const { token, refreshToken, email, password } = config;
  let identity: Identity = {};
  let learntFrom: string | undefined;

  const learn = (current: string, told: Identity = {}): void => {
    if (current === learntFrom) return;
    learntFrom = current;
    const { userId, organization, scope } = readClaims(current);
    identity = {
      selfId: userId ?? told.selfId ?? identity.selfId ?? readBotEmail(email),
      organization: organization ?? told.organization ?? identity.organization,
      scope: scope ?? told.scope,
    };
  };
  identity = { selfId: readBotEmail(email) };
  if (token !== undefined) learn(token);

  const fetchPair = async (request: TokenRequest): Promise<TokenPair> => {
    const answer = decode(TokenAnswerCodec, (await send(request)).body, `${request.method} ${TOKEN_PATH}`);
    learn(answer.token, { selfId: answer.user ?? undefined, organization: answer.organization ?? undefined });
    return toPair(answer);
  };

  const renew = async (pair: TokenPair | undefined): Promise<TokenPair> => {
    const current = pair?.refreshToken ?? (pair === undefined ? refreshToken : undefined);
    if (current === undefined) return logIn();
    try {
      return await fetchPair(toRefresh(current, email));
    } catch (error) {
      if (password === undefined || !isRefusal(error)) throw error;
      return logIn();
    }
  };

  const logIn = async (): Promise<TokenPair> => {
    if (email === undefined || password === undefined) {
      throw new ParleyError(
        'ERR_AUTHENTICATION',
        'Web1on1: the token is refused or missing, and nothing is configured to get another: set the option refreshToken, or email and password',
        { account: account.name },
      );
    }
    const otp = typeof config.otp === 'function' ? await config.otp() : config.otp;
    return fetchPair(toLogin({ email, password, ...(otp !== undefined && { otp }) }));
  };

  const session = createSession({
    account: { ...account, tokens: config.tokenStore ?? account.tokens },
    key: storeKey(config, account, identity.selfId),
    ...(token !== undefined && { initial: { token, ...(refreshToken !== undefined && { refreshToken }) } }),
    ...((refreshToken !== undefined || password !== undefined) && { renew }),
    isRejected,
    aheadMs: config.renewAheadMs,
  });
  const authorization = bearer(session);
  const ready = async (): Promise<Identity> => {
    learn(await session.token());
    return identity;
  };

  return {
    authorization: {
      ...authorization,
      value: () => noting(authorization.value(), learn),
      renew: (refused, answer) => {
        const renewed = authorization.renew?.(refused, answer);
        return renewed === undefined ? undefined : Promise.resolve(noting(renewed, learn));
      },
    },
    known: () => identity,
    ready,
    who: () => (identity.selfId !== undefined || password === undefined ? identity : ready()),
  };
}

/**
 * True if an answer refuses the token rather than the request. Sources disagree on the status of an expired token: 401 with
 * the words of `jsonwebtoken` (chipchat lib/client.js), or 403 (developers.web1on1.chat, authentication). A plain 403 with
 * a token that is still good is a missing permission, and a new token would not help.
 */
export function isRejected(answer: HttpResponse, expired: boolean): boolean {
  if (answer.status === 401) return true;
  return answer.status === 403 && (expired || /\b(jwt|token|expired)\b/i.test(readReason(answer.body) ?? ''));
}

/** `{ "error": { "message": ... } }` */
export function readReason(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}

type TokenRequest = HttpRequest & { method: 'GET' | 'POST' };

/** What the platform's SDK sends; the documented form where no e-mail address is known. */
function toRefresh(refreshToken: string, email: string | undefined): TokenRequest {
  if (email === undefined) {
    const query = `refreshToken=${encodeURIComponent(refreshToken)}`;
    return { method: 'GET', path: TOKEN_PATH, query, route: 'unsent', authorize: false, retry: false };
  }
  return toLogin({ clientId: email, refreshToken });
}

function toLogin(body: Record<string, string>): TokenRequest {
  return { method: 'POST', path: TOKEN_PATH, body, route: 'unsent', authorize: false, retry: false };
}

function toPair(answer: Web1on1TokenAnswer): TokenPair {
  const { token, refreshToken, expiresAt } = answer;
  return {
    token,
    ...(refreshToken && { refreshToken }),
    ...(expiresAt && { expiresAt }),
  };
}

/** By user where it is known, so that all who act as one user share one renewal, whatever they call the account. */
function storeKey(config: Web1on1Config, account: AccountContext, selfId: string | undefined): string {
  return `web1on1:${new URL(config.origin).host}:${selfId ?? config.email ?? account.name}`;
}

/** The server said no to the credentials, rather than being out of reach. */
function isRefusal(error: unknown): boolean {
  return (
    isParleyError(error, 'ERR_AUTHENTICATION') ||
    isParleyError(error, 'ERR_FORBIDDEN') ||
    isParleyError(error, 'ERR_REJECTED')
  );
}

/** Passes a header's value on and shows its token to `learn`. */
function noting(value: string | Promise<string>, learn: (token: string) => void): string | Promise<string> {
  const note = (header: string): string => {
    learn(header.slice('Bearer '.length));
    return header;
  };
  return typeof value === 'string' ? note(value) : value.then(note);
}
