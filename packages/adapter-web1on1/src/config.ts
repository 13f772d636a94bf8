import { option } from '@parley/adapter-kit';
import type { Rate, TokenStore } from '@parley/core';
import { readClaims } from './claims.js';
import type { IgnoreOptions } from './ignore.js';
import type { SpeakingRole } from './to-web1on1.js';

const { fields, flag, number, optional, or, text } = option;

/** One account at Web1on1. Nothing is read from the environment. */
export interface Web1on1Options {
  /** A bot's API token, or one from a login. It may expire, or not: both kinds work. */
  token?: string;
  /** Gets a new pair when the token is refused or about to expire. */
  refreshToken?: string;
  /**
   * The e-mail address of the user whose token it is. A bot's (`bot+<id>@web1on1.chat`) also tells our own user id; with
   * `password` it logs in.
   */
  email?: string;
  /** Logs in with `email` where there is no token, and where the refresh token is refused. */
  password?: string;
  /** The one-time code of a login, or where to get a fresh one. */
  otp?: string | (() => string | Promise<string>);
  /** The organization to open conversations and create contacts in. Default: the token's own. */
  organization?: string;
  /** The webhook's secret; several while it is being replaced. Without one, webhooks are refused. */
  secret?: string | readonly string[];
  /** Scheme and host. Default `https://api.web1on1.chat`; the token goes nowhere else. */
  origin?: string;
  /**
   * Who we speak as. `agent` (default) reaches the consumer, and accepts the conversation. `bot` is shown to agents only.
   */
  role?: SpeakingRole;
  /** New messages that no event is made of. */
  ignore?: IgnoreOptions;
  /** Keeps the provider's payload as `event.raw`. Default false. */
  keepRaw?: boolean;
  /** Where the tokens live. Default: the engine's. */
  tokenStore?: TokenStore;
  /** Renew so many milliseconds before the token expires. Default 60,000. */
  renewAheadMs?: number;
  /** What may leave. Default: the platform's own limit, 20 requests in 1000 ms. */
  rate?: Rate;
  /** Of one request. Default 30,000. */
  timeoutMs?: number;
  /**
   * Refuses what the platform's permission table does not allow the token's scope, before it is sent. Default true; false
   * leaves it to the server, for example when the table has changed.
   */
  checkPermissions?: boolean;
}

/** The options with their defaults. */
export type Web1on1Config = option.Read<typeof OPTIONS>;

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: Web1on1Options): Web1on1Config {
  const place = option.optionsOf('web1on1');
  const config = fields(OPTIONS)(options, place);
  checkCredentials(config, place);
  return config;
}

const OPTIONS = {
  token: optional(text()),
  refreshToken: optional(text()),
  email: optional(text()),
  password: optional(text()),
  otp: optional(readOtp),
  organization: optional(text()),
  secret: option.texts(),
  origin: or(option.origin, 'https://api.web1on1.chat'),
  role: option.oneOf<SpeakingRole>('agent', 'bot'),
  ignore: fields({
    self: flag(true),
    bots: flag(true),
    unjoined: flag(false),
    assignedToOthers: flag(false),
    disabled: flag(true),
  } satisfies Record<keyof IgnoreOptions, option.Reader<boolean>>),
  keepRaw: flag(false),
  tokenStore: optional(option.tokenStore),
  renewAheadMs: number(60_000, 0),
  rate: or(option.rate, { requests: 20, perMs: 1000 }),
  timeoutMs: number(30_000),
  checkPermissions: flag(true),
} satisfies Record<keyof Web1on1Options, option.Reader<unknown>>;

/** A refresh token that is no JWT: a user id, a dot, 80 hexadecimal digits. */
const OPAQUE_REFRESH_TOKEN = /^[0-9a-f]{24}\.[0-9a-f]{80}$/;

function checkCredentials(given: Web1on1Config, place: option.Place): void {
  const { token, email, password, refreshToken } = given;
  if (token !== undefined) {
    const isRefreshToken =
      readClaims(token).grantType === 'refresh_token' || OPAQUE_REFRESH_TOKEN.test(token);
    if (isRefreshToken) {
      place.at('token').wrong('an access token; this is a refresh token, which belongs in "refreshToken"');
    }
  }
  if (password !== undefined && email === undefined) {
    place.at('email').wrong('the e-mail address that goes with "password"');
  }
  if (refreshToken !== undefined && readClaims(refreshToken).grantType === 'access_token') {
    place.at('refreshToken').wrong('a refresh token; this is an access token, which belongs in "token"');
  }
}

function readOtp(otp: unknown, place: option.Place): NonNullable<Web1on1Options['otp']> {
  if (typeof otp === 'function') return otp as () => string | Promise<string>;
  return text(/./, 'a text that is not empty, or a function that returns one')(otp, place);
}
