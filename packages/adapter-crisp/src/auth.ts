import type { Authorization, HttpRequest, HttpResponse } from '@parley/adapter-kit';
import { basicAuthorization, createSession, decode, sessionAuthorization } from '@parley/adapter-kit';
import type { AccountContext } from '@parley/core';
import { refusesKeypair } from './client/refusal.js';
import type { CrispConfig } from './config.js';
import { KeypairAnswerCodec } from './wire/codecs.js';
import type { CrispKeypair } from './wire/website.js';

export interface Auth {
  authorization: Authorization;
  /** The keypair in use: what the realtime socket is told. Logs in first where there is none. */
  keypair(): Promise<CrispKeypair>;
  /** The socket refused this keypair: gets another one where a login can, but see `accepted`; tells it where nothing can. */
  refused(keypair: CrispKeypair): Promise<void>;
  /** The socket took its keypair. Until it does, there is one login for its sake, and another one after a cool-down. */
  accepted(): void;
}

const LOGIN_PATH = '/v1/user/session/login';
/** A socket that refuses what a login has just given is not helped by another login. */
const COOL_DOWN_MS = 300_000;

/**
 * Who this account is: a fixed keypair, or that of a login (tier `user`), kept in the token store, since the platform limits
 * logins heavily.
 *
 * @param send a client of the same origin; what it is given here needs no keypair
 */
export function createAuth(
  config: CrispConfig,
  account: AccountContext,
  send: (request: HttpRequest) => Promise<HttpResponse>,
): Auth {
  const { email, password } = config;
  const given = givenKeypair(config);
  const refusal = tellOnce(account);
  if (given !== undefined && email === undefined) return fixed(given, refusal);

  const session = createSession({
    account: { ...account, tokens: config.tokenStore ?? account.tokens },
    key: `crisp:${new URL(config.origin).host}:${email}`,
    ...(given !== undefined && { initial: { token: toToken(given) } }),
    isRejected: refusesKeypair,
    renew: async () => {
      const answer = await send({
        method: 'POST',
        path: LOGIN_PATH,
        body: { email, password },
        route: 'unsent',
        authorize: false,
        retry: false,
      });
      return { token: toToken(decode(KeypairAnswerCodec, answer.body, `POST ${LOGIN_PATH}`).data) };
    },
  });
  let renewsAgainAt = Number.NEGATIVE_INFINITY;
  return {
    authorization: sessionAuthorization(session, 'Basic'),
    keypair: async () => toKeypair(await session.token()),
    refused: async (keypair) => {
      const now = account.clock.now();
      // What the session tries and fails at, it tells itself.
      if (now < renewsAgainAt) return refusal.tell();
      renewsAgainAt = now + COOL_DOWN_MS;
      await session.rejected(toToken(keypair));
    },
    accepted: () => {
      renewsAgainAt = Number.NEGATIVE_INFINITY;
      refusal.over();
    },
  };
}

function fixed(keypair: CrispKeypair, refusal: Refusal): Auth {
  return {
    authorization: {
      ...basicAuthorization(keypair.identifier, keypair.key),
      renew: (_, answer) => {
        if (refusesKeypair(answer)) refusal.tell();
        return undefined;
      },
    },
    keypair: () => Promise.resolve(keypair),
    refused: async () => refusal.tell(),
    accepted: refusal.over,
  };
}

interface Refusal {
  tell(): void;
  over(): void;
}

/** That the keypair is refused is told once, until the socket takes it again. */
function tellOnce({ report }: AccountContext): Refusal {
  let told = false;
  return {
    tell: () => {
      if (!told)
        report({ name: 'account.refused', reason: 'Crisp: the keypair is refused: configure another one' });
      told = true;
    },
    over: () => {
      told = false;
    },
  };
}

function givenKeypair({ identifier, key }: CrispConfig): CrispKeypair | undefined {
  return identifier === undefined || key === undefined ? undefined : { identifier, key };
}

/** What stands after `Basic`. */
function toToken({ identifier, key }: CrispKeypair): string {
  return Buffer.from(`${identifier}:${key}`).toString('base64');
}

function toKeypair(token: string): CrispKeypair {
  const [identifier = '', key = ''] = Buffer.from(token, 'base64').toString('utf8').split(':');
  return { identifier, key };
}
