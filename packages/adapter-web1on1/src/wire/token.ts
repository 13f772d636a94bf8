import type { Maybe } from './reference.js';

/** The answer of `POST /v2/auth/token`, to a login and to a refresh alike. */
export interface Web1on1TokenAnswer {
  token: string;
  refreshToken?: Maybe<string>;
  /** The id of the user who logged in. */
  user?: Maybe<string>;
  organization?: Maybe<string>;
  scope?: Maybe<string>;
  /** ISO 8601. */
  expiresAt?: Maybe<string>;
}
