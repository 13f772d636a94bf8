import { readJwtClaims } from '@parley/adapter-kit';

/** What a platform token says to its holder; read, never verified: only the server could. */
export interface Claims {
  /** `_id`: the user whose token it is. */
  userId?: string;
  /** The user's home organization. */
  organization?: string;
  /** Space-delimited, cascaded: `viewer guest agent bot`. */
  scope?: string;
  /** `access_token` or `refresh_token`. */
  grantType?: string;
}

/** Nothing for a token that is no JWT: the documentation prints a bare hexadecimal one, too. */
export function readClaims(token: string): Claims {
  const claims = readJwtClaims(token) ?? {};
  return {
    userId: text(claims._id),
    organization: text(claims.organization),
    scope: text(claims.scope),
    grantType: text(claims.grant_type),
  };
}

/** The user id in a bot's e-mail address, `bot+<id>@...`; undefined for any other address. */
export function readBotEmail(email: string | undefined): string | undefined {
  return /^bot\+([0-9a-f]{24})@/i.exec(email ?? '')?.[1];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
