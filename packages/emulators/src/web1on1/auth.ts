import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { scopeClaim } from './permissions.js';
import { announceRecord, homeOf, type Platform, scopeOf } from './platform.js';
import { ApiError, isObject, type JsonObject, type Web1on1Record } from './records.js';

/** The answer to a login and to a refresh. */
export interface TokenPair {
  tokenType: 'Bearer';
  token: string;
  refreshToken: string;
  /** User id. */
  user: string;
  organization: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
  scope: string;
}

export interface Auth {
  /** A new pair for a user. */
  issue(user: Web1on1Record): TokenPair;
  /** The user a bearer token belongs to. Throws 401 (or 403, by switch) with the text of `jsonwebtoken`. */
  authenticate(authorization: string | undefined): Web1on1Record;
  /** `POST /v2/auth/token`: a login, or a refresh when the body has a `refreshToken`. */
  create(body: unknown): TokenPair;
  /** A refresh; `clientId` is the user's e-mail where the form of the request carries one. */
  refresh(refreshToken: string, clientId?: string): TokenPair;
  state(): AuthState;
  /** From now on every access token in the world has an invalid signature. */
  rotateSigningKey(): void;
}

/** Which tokens are good. */
export interface AuthState {
  signingKey: string;
  refreshTokens: { token: string; user: string; expiresAt: number }[];
}

export function createAuth(platform: Platform, from?: AuthState): Auth {
  const { clock, switches } = platform;
  let signingKey = from?.signingKey ?? randomBytes(32).toString('hex');
  const refreshTokens = new Map<string, { user: string; expiresAt: number }>();
  for (const { token, ...known } of from?.refreshTokens ?? []) refreshTokens.set(token, known);
  const seconds = () => Math.floor(clock.now() / 1000);

  const sign = (user: Web1on1Record, grant: string, lifetimeMs: number) =>
    jwt.sign(
      {
        _id: user.id,
        organization: homeOf(user).organization,
        scope: scopeClaim(scopeOf(user)),
        grant_type: grant,
        iat: seconds(),
        exp: seconds() + Math.floor(lifetimeMs / 1000),
        // Two tokens of one second differ, as those of the provider do.
        jti: platform.newId(),
      },
      signingKey,
      { algorithm: 'HS256' },
    );

  const issueRefreshToken = (user: Web1on1Record) => {
    const now = clock.now();
    for (const [token, { expiresAt }] of refreshTokens)
      if (expiresAt < now - GRACE_MS) refreshTokens.delete(token);
    const lifetime = switches.refreshTokenLifetimeMs;
    const token =
      switches.refreshTokenFormat === 'jwt'
        ? sign(user, 'refresh_token', lifetime)
        : `${user.id}.${randomBytes(40).toString('hex')}`;
    refreshTokens.set(token, { user: user.id, expiresAt: now + lifetime });
    return token;
  };

  const auth: Auth = {
    issue(user) {
      const lifetime = switches.accessTokenLifetimeMs;
      return {
        tokenType: 'Bearer',
        token: sign(user, 'access_token', lifetime),
        refreshToken: issueRefreshToken(user),
        user: user.id,
        organization: homeOf(user).organization,
        expiresAt: new Date((seconds() + Math.floor(lifetime / 1000)) * 1000).toISOString(),
        scope: scopeOf(user),
      };
    },

    authenticate(authorization) {
      const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw new ApiError(401, 'No authorization token was found');
      const claims = verify(token);
      const user = platform.users.get(String(claims._id));
      if (user === undefined || claims.grant_type !== 'access_token')
        throw new ApiError(401, 'invalid token');
      return user;
    },

    create(body) {
      if (!isObject(body)) throw new ApiError(400, 'A JSON object is required');
      if (typeof body.refreshToken === 'string') {
        if (typeof body.clientId !== 'string') throw new ApiError(400, 'clientId is required');
        return auth.refresh(body.refreshToken, body.clientId);
      }
      return auth.issue(logIn(platform, body));
    },

    refresh(refreshToken, clientId) {
      const known = refreshTokens.get(refreshToken);
      const user = known && platform.users.get(known.user);
      if (known === undefined || user === undefined) throw new ApiError(401, 'Unknown refresh token');
      if (clientId !== undefined && clientId !== user.email) throw new ApiError(401, 'Unknown clientId');
      if (known.expiresAt <= clock.now()) {
        throw new ApiError(
          401,
          switches.refreshTokenFormat === 'jwt' ? 'jwt expired' : 'Refresh token expired',
        );
      }
      if (switches.strictRotation) refreshTokens.delete(refreshToken);
      return auth.issue(user);
    },

    state: () => ({
      signingKey,
      refreshTokens: [...refreshTokens].map(([token, known]) => ({ token, ...known })),
    }),

    rotateSigningKey() {
      signingKey = randomBytes(32).toString('hex');
    },
  };

  const verify = (token: string): JsonObject => {
    try {
      return jwt.verify(token, signingKey, {
        algorithms: ['HS256'],
        clockTimestamp: seconds(),
      }) as JsonObject;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'invalid token';
      if (message === 'jwt expired' && switches.expiredToken === 403)
        throw new ApiError(403, 'Permission Denied');
      throw new ApiError(401, message);
    }
  };

  return auth;
}

/** An expired refresh token is remembered for a while, to be told apart from one that never was. */
const GRACE_MS = 30 * 24 * 3_600_000;

function logIn(platform: Platform, body: JsonObject): Web1on1Record {
  const { email, password, otp } = body;
  if (typeof email !== 'string' || typeof password !== 'string') {
    throw new ApiError(400, 'email and password are required');
  }
  const user = platform.users.find((record) => record.email === email);
  const known = user && platform.passwords.get(user.id);
  const { otp: wantedOtp } = platform.switches;
  const otpFits = wantedOtp === undefined || otp === wantedOtp;
  if (user === undefined || known === undefined || known !== password || !otpFits) {
    throw new ApiError(401, 'Invalid credentials');
  }
  announceRecord(platform, 'users', 'login', user, `users/${user.id}`);
  return user;
}
