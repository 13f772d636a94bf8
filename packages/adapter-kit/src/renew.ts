import { createHash } from 'node:crypto';
import type { AccountContext, ErrorCode, TokenPair } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { Authorization } from './authorization.js';
import type { HttpResponse } from './http-client.js';
import { expiryOf, lifetimeOf } from './jwt.js';
import { codeOfThrown } from './thrown.js';

export interface SessionOptions {
  account: Pick<AccountContext, 'name' | 'clock' | 'log' | 'tokens' | 'report'>;
  /**
   * The pair's name in the token store. A fingerprint of `initial` is added to it, so that new credentials in the configuration
   * begin a new entry instead of losing against an old one.
   */
  key: string;
  /** What the configuration holds; missing where `renew` can log in with something else. */
  initial?: TokenPair;
  /**
   * Fetches another pair, in one attempt, with a request that is itself sent without credentials (`authorize: false`). What it
   * gets is the newest pair known. Missing: nothing can be renewed.
   */
  renew?: (pair: TokenPair | undefined) => Promise<TokenPair>;
  /**
   * True if this failed answer refuses the token, and not what was asked for. `expired`: the token says so itself, by our
   * clock. Default: status 401.
   */
  isRejected?: (answer: HttpResponse, expired: boolean) => boolean;
  /** Renew so long before the token ends, but not before four fifths of its life. Default five minutes. */
  aheadMs?: number;
  /** How long a refused renewal is remembered before another one is tried. Default five minutes. */
  coolDownMs?: number;
  /** From 0 to below 1. Default `Math.random`. */
  random?: () => number;
}

/** The tokens of one account, renewed by one caller at a time, whoever and wherever the others are. */
export interface Session {
  /** A token to use now; a promise only where it has to be loaded or renewed first. */
  token(): string | Promise<string>;
  /**
   * Another token than the one that was refused. Callers share one renewal, also with other processes on the same store.
   *
   * @throws ERR_AUTHENTICATION if there will be no other one until somebody changes the credentials
   * @throws ERR_UNAVAILABLE, ERR_RATE_LIMITED if it cannot be renewed now; nothing was sent
   */
  rejected(token: string): Promise<string>;
  /** True if this failed answer refuses the token. */
  isRejected(answer: HttpResponse, token: string): boolean;
  /** A token that `rejected` gave was refused at once: nothing is renewed any more until the cool-down has passed. */
  refusedAgain(token: string): void;
}

/** `Authorization: Bearer` from a session. */
export function bearer(session: Session): Authorization {
  return sessionAuthorization(session, 'Bearer');
}

/** `Authorization` from a session whose tokens go out after another scheme: `Basic` where a login gives a key pair. */
export function sessionAuthorization(session: Session, scheme: string): Authorization {
  const header = (token: string): string => `${scheme} ${token}`;
  const tokenIn = (value: string): string => value.slice(scheme.length + 1);
  return {
    value: () => {
      const token = session.token();
      return typeof token === 'string' ? header(token) : token.then(header);
    },
    renew: (refused, answer) => {
      const token = tokenIn(refused);
      return session.isRejected(answer, token) ? session.rejected(token).then(header) : undefined;
    },
    refusedAgain: (refused, answer) => {
      const token = tokenIn(refused);
      if (session.isRejected(answer, token)) session.refusedAgain(token);
    },
  };
}

/** Opens nothing; the store is read at the first use. */
export function createSession(options: SessionOptions): Session {
  const { account, initial, renew, isRejected, coolDownMs = 300_000 } = options;
  const { clock, tokens } = account;
  const key = storeKey(options.key, initial);
  let held: Held | undefined;
  /** A new pair that the store did not take. It is stored before anything else happens. */
  let unsaved: TokenPair | undefined;
  let setback: Setback | undefined;
  let flight: Promise<string> | undefined;

  const adopt = (pair: TokenPair, isNew: boolean): string => {
    setback = undefined;
    held = hold(pair, isNew, clock.now(), options);
    return pair.token;
  };
  /** Takes over what somebody else has put into the store since. */
  const adoptStored = async (): Promise<void> => {
    const stored = await tokens.get(key);
    if (stored !== undefined && isNewer(stored, held?.pair)) adopt(stored, false);
  };
  /** The token, if it can be sent: fresh, or at least not over. */
  const usable = (refused: string | undefined, until: 'renewAt' | 'expiresAt'): string | undefined =>
    held !== undefined && held.pair.token !== refused && clock.now() < held[until]
      ? held.pair.token
      : undefined;

  const store = async (pair: TokenPair): Promise<string> => {
    unsaved = pair;
    await tokens.set(key, pair);
    unsaved = undefined;
    account.report({ name: 'account.renewed', expiresAt: pair.expiresAt });
    return adopt(pair, true);
  };
  /** One attempt, unless whoever had the lock before us has made it. */
  const renewLocked = (refused: string | undefined): Promise<string> =>
    tokens.withLock(key, async () => {
      if (unsaved !== undefined) return store(unsaved);
      await adoptStored();
      const next = await (usable(refused, 'renewAt') ?? fetchPair(renew, held?.pair, account.name));
      return typeof next === 'string' ? next : store({ refreshToken: held?.pair.refreshToken, ...next });
    });

  const remember = (error: ParleyError): void => {
    if (error.code === 'ERR_ABORTED') return;
    const refused = error.code === 'ERR_AUTHENTICATION';
    setback = { error, until: clock.now() + (refused ? coolDownMs : (error.retryAfterMs ?? SHORT_BREAK_MS)) };
    if (refused) account.report({ name: 'account.refused', reason: error.message });
    else account.log.warn({ account: account.name, code: error.code }, 'the session was not renewed');
  };
  const refresh = async (refused: string | undefined): Promise<string> => {
    if (held === undefined && initial !== undefined) adopt(initial, false);
    try {
      await adoptStored();
      const fresh = usable(refused, 'renewAt');
      if (fresh !== undefined) return fresh;
      if (setback === undefined || clock.now() >= setback.until) return await renewLocked(refused);
      throw setback.error;
    } catch (error) {
      const why = isParleyError(error) ? error : storeError(error, account.name);
      if (why !== setback?.error) remember(why);
      const last = usable(refused, 'expiresAt');
      if (last !== undefined) return last;
      throw why;
    }
  };
  const share = (refused?: string): Promise<string> => {
    flight ??= refresh(refused).finally(() => {
      flight = undefined;
    });
    return flight;
  };

  return {
    token: () => usable(undefined, 'renewAt') ?? share(),
    rejected: async (token) => {
      if (held !== undefined && held.pair.token !== token) return held.pair.token;
      const next = await share(token);
      // The renewal that was under way did not know that this one is refused.
      return next === token ? share(token) : next;
    },
    isRejected: (answer, token) => {
      const expired = held?.pair.token === token && clock.now() >= held.expiresAt;
      return isRejected === undefined ? answer.status === 401 : isRejected(answer, expired);
    },
    refusedAgain: (token) => {
      if (held?.pair.token !== token) return;
      remember(refusedError(account.name, 'a token that was just renewed is refused'));
    },
  };
}

/** A pair in use, and when it is over. */
interface Held {
  pair: TokenPair;
  /** Epoch milliseconds; infinite if it does not tell. */
  expiresAt: number;
  /** Epoch milliseconds; infinite if it cannot be renewed. */
  renewAt: number;
}

interface Setback {
  error: ParleyError;
  until: number;
}

const SHORT_BREAK_MS = 5_000;

function hold(pair: TokenPair, isNew: boolean, now: number, options: SessionOptions): Held {
  const { aheadMs = 300_000, random = Math.random, renew } = options;
  const expiresAt = expiryOf(pair) ?? Number.POSITIVE_INFINITY;
  // New and already over: our clock is wrong, and the server will say when it is time.
  if (isNew && expiresAt <= now)
    return { pair, expiresAt: Number.POSITIVE_INFINITY, renewAt: Number.POSITIVE_INFINITY };
  const lifetime = lifetimeOf(pair) ?? (isNew ? expiresAt - now : Number.POSITIVE_INFINITY);
  // Not all processes that share it at the same moment.
  const ahead = Math.min(aheadMs, lifetime / 5) * (1 + random() / 5);
  return { pair, expiresAt, renewAt: renew === undefined ? expiresAt : expiresAt - ahead };
}

/** Another pair, that does not end earlier as far as both tell. */
function isNewer(stored: TokenPair, mine: TokenPair | undefined): boolean {
  if (mine === undefined) return true;
  if (stored.token === mine.token) return false;
  const ends = expiryOf(stored);
  const mineEnds = expiryOf(mine);
  return ends === undefined || mineEnds === undefined || ends >= mineEnds;
}

function storeKey(key: string, initial: TokenPair | undefined): string {
  if (initial === undefined) return key;
  const secret = initial.refreshToken ?? initial.token;
  return `${key}#${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
}

/** Failures of a renewal that say nothing about the credentials. */
const TEMPORARY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_UNAVAILABLE',
  'ERR_RATE_LIMITED',
  'ERR_OUTCOME_UNKNOWN',
  'ERR_CONFLICT',
]);

async function fetchPair(
  renew: SessionOptions['renew'],
  pair: TokenPair | undefined,
  account: string,
): Promise<TokenPair> {
  if (renew === undefined)
    throw refusedError(account, 'the token is over or refused, and there is nothing to renew it with');
  try {
    return await renew(pair);
  } catch (error) {
    // What went wrong there is not the outcome of the request that waits for it: that one was not sent.
    if (!isParleyError(error)) throw refusedError(account, 'its tokens could not be renewed', error);
    if (error.code === 'ERR_ABORTED') throw error;
    if (!TEMPORARY.has(error.code)) throw refusedError(account, `renewing failed: ${error.message}`, error);
    const code = error.code === 'ERR_RATE_LIMITED' ? error.code : 'ERR_UNAVAILABLE';
    throw new ParleyError(code, `Account ${account}: its tokens cannot be renewed now: ${error.message}`, {
      account,
      retryAfterMs: error.retryAfterMs,
      cause: error,
    });
  }
}

function refusedError(account: string, what: string, cause?: unknown): ParleyError {
  const message = `Account ${account}: ${what}. Put new credentials into its configuration`;
  return new ParleyError('ERR_AUTHENTICATION', message, {
    account,
    cause: isParleyError(cause) ? cause : undefined,
  });
}

function storeError(error: unknown, account: string): ParleyError {
  const name = codeOfThrown(error) ?? 'unknown error';
  return new ParleyError('ERR_UNAVAILABLE', `Account ${account}: the token store failed (${name})`, {
    account,
  });
}
