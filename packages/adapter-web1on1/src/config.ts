import type { Rate, TokenStore } from '@parley/core';
import { ParleyError } from '@parley/core';
import { readClaims } from './claims.js';
import { IGNORE_DEFAULTS, type Ignore, type IgnoreOptions } from './ignore.js';
import type { SpeakingRole } from './to-web1on1.js';

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
export interface Web1on1Config {
  token: string | undefined;
  refreshToken: string | undefined;
  email: string | undefined;
  password: string | undefined;
  otp: Web1on1Options['otp'];
  organization: string | undefined;
  secrets: readonly string[];
  origin: string;
  role: SpeakingRole;
  ignore: Ignore;
  keepRaw: boolean;
  tokenStore: TokenStore | undefined;
  renewAheadMs: number;
  rate: Rate;
  timeoutMs: number;
  checkPermissions: boolean;
}

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: Web1on1Options): Web1on1Config {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object');
  checkNames('', options, OPTION_NAMES);
  checkNames('ignore.', options.ignore ?? {}, Object.keys(IGNORE_DEFAULTS));
  checkNames('rate.', options.rate ?? {}, ['requests', 'perMs']);
  const config: Web1on1Config = {
    token: readText(options, 'token'),
    refreshToken: readText(options, 'refreshToken'),
    email: readText(options, 'email'),
    password: readText(options, 'password'),
    otp: readOtp(options.otp),
    organization: readText(options, 'organization'),
    secrets: readSecrets(options.secret),
    origin: readOrigin(readText(options, 'origin') ?? 'https://api.web1on1.chat'),
    role: readRole(options.role),
    ignore: readIgnore(options.ignore),
    keepRaw: readFlag(options, 'keepRaw', false),
    tokenStore: readTokenStore(options.tokenStore),
    renewAheadMs: readNumber('renewAheadMs', options.renewAheadMs ?? 60_000, 0),
    rate: readRate(options.rate),
    timeoutMs: readNumber('timeoutMs', options.timeoutMs ?? 30_000, 1),
    checkPermissions: readFlag(options, 'checkPermissions', true),
  };
  checkCredentials(config);
  return config;
}

const OPTION_NAMES: readonly string[] = Object.keys({
  token: true,
  refreshToken: true,
  email: true,
  password: true,
  otp: true,
  organization: true,
  secret: true,
  origin: true,
  role: true,
  ignore: true,
  keepRaw: true,
  tokenStore: true,
  renewAheadMs: true,
  rate: true,
  timeoutMs: true,
  checkPermissions: true,
} satisfies Record<keyof Web1on1Options, true>);

/** A refresh token that is no JWT: a user id, a dot, 80 hexadecimal digits. */
const OPAQUE_REFRESH_TOKEN = /^[0-9a-f]{24}\.[0-9a-f]{80}$/;

function checkCredentials({ token, email, password, refreshToken }: Web1on1Config): void {
  if (token !== undefined) {
    const isRefreshToken =
      readClaims(token).grantType === 'refresh_token' || OPAQUE_REFRESH_TOKEN.test(token);
    if (isRefreshToken)
      throw wrong('token', 'an access token; this is a refresh token, which belongs in "refreshToken"');
  }
  if (password !== undefined && email === undefined)
    throw wrong('email', 'the e-mail address that goes with "password"');
  if (refreshToken !== undefined && readClaims(refreshToken).grantType === 'access_token') {
    throw wrong('refreshToken', 'a refresh token; this is an access token, which belongs in "token"');
  }
}

function checkNames(place: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object') throw wrong(place.slice(0, -1), 'an object');
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw wrong(`${place}${name}`, `one of ${known.join(', ')}`);
  }
}

type TextOption = 'token' | 'refreshToken' | 'email' | 'password' | 'organization' | 'origin';

function readText(options: Web1on1Options, name: TextOption): string | undefined {
  const value: unknown = options[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.trim() === '') throw wrong(name, 'a text that is not empty');
  return value;
}

function readFlag(
  options: Web1on1Options,
  name: 'keepRaw' | 'checkPermissions',
  byDefault: boolean,
): boolean {
  const value: unknown = options[name] ?? byDefault;
  if (typeof value !== 'boolean') throw wrong(name, 'true or false');
  return value;
}

function readNumber(name: string, value: unknown, lowest: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= lowest) return value;
  throw wrong(name, `a number from ${lowest}`);
}

function readSecrets(secret: unknown): readonly string[] {
  if (secret === undefined) return [];
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret];
  if (
    secrets.length > 0 &&
    secrets.every((each): each is string => typeof each === 'string' && each !== '')
  ) {
    return secrets;
  }
  throw wrong('secret', 'a text that is not empty, or several');
}

function readOrigin(origin: string): string {
  const url = URL.parse(origin);
  const isOrigin = url !== null && (origin === url.origin || origin === `${url.origin}/`);
  if (!isOrigin || (url.protocol !== 'https:' && !isNearby(url.hostname))) {
    throw wrong(
      'origin',
      'https:// and a host, without a path (http:// on this machine or its own network only)',
    );
  }
  return url.origin;
}

/** Only here may a token travel unencrypted: to this machine, or to a name without dots, which no public host has. */
function isNearby(hostname: string): boolean {
  return hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname) || /^[a-z0-9-]+$/i.test(hostname);
}

function readRole(role: unknown = 'agent'): SpeakingRole {
  if (role === 'agent' || role === 'bot') return role;
  throw wrong('role', '"agent" or "bot"');
}

function readOtp(otp: unknown): Web1on1Options['otp'] {
  if (otp === undefined || (typeof otp === 'string' && otp !== '')) return otp;
  if (typeof otp === 'function') return otp as () => string | Promise<string>;
  throw wrong('otp', 'a text that is not empty, or a function that returns one');
}

function readIgnore(ignore: IgnoreOptions = {}): Ignore {
  for (const [name, value] of Object.entries(ignore)) {
    if (typeof value !== 'boolean') throw wrong(`ignore.${name}`, 'true or false');
  }
  return { ...IGNORE_DEFAULTS, ...ignore };
}

function readRate(rate: Rate = { requests: 20, perMs: 1000 }): Rate {
  return {
    requests: readNumber('rate.requests', rate.requests, 1),
    perMs: readNumber('rate.perMs', rate.perMs, 1),
  };
}

function readTokenStore(store: unknown): TokenStore | undefined {
  if (store === undefined) return undefined;
  const methods = ['get', 'set', 'delete', 'withLock'];
  const isStore =
    typeof store === 'object' &&
    store !== null &&
    methods.every((name) => typeof Reflect.get(store, name) === 'function');
  if (!isStore) throw wrong('tokenStore', `an object with the methods ${methods.join(', ')}`);
  return store as TokenStore;
}

function wrong(name: string, expected: string): ParleyError {
  const problems = [`${name}: expected ${expected}`];
  return new ParleyError('ERR_CONFIG', `web1on1({ ${name} }): expected ${expected}`, { problems });
}
