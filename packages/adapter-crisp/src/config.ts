import type { Backoff, Rate, TokenStore } from '@parley/core';
import { ParleyError } from '@parley/core';

/** What kind of keypair it is: an operator's, a workspace's, or a Marketplace plugin's. */
export type CrispTier = 'user' | 'website' | 'plugin';

/** One account at Crisp. Nothing is read from the environment. */
export interface CrispOptions {
  tier: CrispTier;
  /** The keypair: a website token's id and key, a plugin token's, or an operator's session. */
  identifier?: string;
  key?: string;
  /** Tier `user` only: logs in where there is no keypair, and where it is refused. */
  email?: string;
  password?: string;
  /**
   * The website (a UUID) that this account is about; what other websites send is left out. Only a plugin may do without: then it
   * is about all websites that installed it, and ids hold the website.
   */
  website?: string;
  /** Our own id among the operators, if we are one: tells assignments to us. A plugin has none. */
  operator?: string;
  /** Shown as the author of what we send. Default: the platform decides. */
  author?: { nickname: string; avatar?: string };
  /** The plugin's hooks signature secret; several while it is being replaced. */
  secret?: string | readonly string[];
  /**
   * Website hooks are not signed. They are refused unless the address that was given to the provider ends in `?key=` and this
   * value, which anybody who sees the address can use: at least 16 characters; several while it is being replaced.
   */
  hookKey?: string | readonly string[];
  /** How old a signed hook may be, in milliseconds. Default 300,000. */
  hookWindowMs?: number;
  /** Listens to the realtime socket. Default: true where neither `secret` nor `hookKey` is set. Both may run together. */
  realtime?: boolean;
  /** The waits between connections: default 1,000 to 60,000 ms. */
  reconnect?: Partial<Backoff>;
  /** The socket's address, for example `wss://app.relay.crisp.chat/w/f43/`. Default: asked for before every connection. */
  rtmUrl?: string;
  /** Scheme and host. Default `https://api.crisp.chat`; the keypair goes nowhere else. */
  origin?: string;
  /** Keeps the provider's payload as `event.raw`. Default false. */
  keepRaw?: boolean;
  /** Where the keypair of a login lives. Default: the engine's. */
  tokenStore?: TokenStore;
  /**
   * `recipients.type` of a campaign that goes to people of one segment; which words it may be is not published. Default
   * `segments`. A campaign that would go to more people than it was addressed to is refused before it is sent.
   */
  campaignRecipients?: string;
  /** What may leave. Default: no limit of ours, since none is published. A plugin's daily quota: `{ requests: 5000, perMs: 86_400_000 }`. */
  rate?: Rate;
  /** Of one request. Default 30,000. */
  timeoutMs?: number;
}

/** The options with their defaults. */
export interface CrispConfig {
  tier: CrispTier;
  identifier: string | undefined;
  key: string | undefined;
  email: string | undefined;
  password: string | undefined;
  website: string | undefined;
  operator: string | undefined;
  author: { nickname: string; avatar?: string } | undefined;
  secrets: readonly string[];
  hookKeys: readonly string[];
  hookWindowMs: number;
  realtime: boolean;
  reconnect: Backoff;
  rtmUrl: string | undefined;
  origin: string;
  keepRaw: boolean;
  tokenStore: TokenStore | undefined;
  campaignRecipients: string;
  rate: Rate | undefined;
  timeoutMs: number;
}

const SHORTEST_KEY = 16;

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: CrispOptions): CrispConfig {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object');
  checkNames('', options, OPTION_NAMES);
  checkNames('rate.', options.rate ?? {}, ['requests', 'perMs']);
  checkNames('reconnect.', options.reconnect ?? {}, ['firstMs', 'maxMs']);
  checkNames('author.', options.author ?? {}, ['nickname', 'avatar']);
  const secrets = readTexts('secret', options.secret, 1);
  const hookKeys = readTexts('hookKey', options.hookKey, SHORTEST_KEY);
  const config: CrispConfig = {
    tier: readTier(options.tier),
    identifier: readText(options, 'identifier'),
    key: readText(options, 'key'),
    email: readText(options, 'email'),
    password: readText(options, 'password'),
    website: readText(options, 'website'),
    operator: readText(options, 'operator'),
    author: readAuthor(options.author),
    secrets,
    hookKeys,
    hookWindowMs: readNumber('hookWindowMs', options.hookWindowMs ?? 300_000, 1),
    realtime: readFlag(options, 'realtime', secrets.length === 0 && hookKeys.length === 0),
    reconnect: {
      firstMs: readNumber('reconnect.firstMs', options.reconnect?.firstMs ?? 1_000, 1),
      maxMs: readNumber('reconnect.maxMs', options.reconnect?.maxMs ?? 60_000, 1),
    },
    rtmUrl: readSocketUrl(readText(options, 'rtmUrl')),
    origin: readOrigin(readText(options, 'origin') ?? 'https://api.crisp.chat'),
    keepRaw: readFlag(options, 'keepRaw', false),
    tokenStore: readTokenStore(options.tokenStore),
    campaignRecipients: readText(options, 'campaignRecipients') ?? 'segments',
    rate: options.rate && {
      requests: readNumber('rate.requests', options.rate.requests, 1),
      perMs: readNumber('rate.perMs', options.rate.perMs, 1),
    },
    timeoutMs: readNumber('timeoutMs', options.timeoutMs ?? 30_000, 1),
  };
  checkCredentials(config);
  return config;
}

const OPTION_NAMES: readonly string[] = Object.keys({
  tier: true,
  identifier: true,
  key: true,
  email: true,
  password: true,
  website: true,
  operator: true,
  author: true,
  secret: true,
  hookKey: true,
  hookWindowMs: true,
  realtime: true,
  reconnect: true,
  rtmUrl: true,
  origin: true,
  keepRaw: true,
  tokenStore: true,
  campaignRecipients: true,
  rate: true,
  timeoutMs: true,
} satisfies Record<keyof CrispOptions, true>);

function checkCredentials({ tier, identifier, key, email, password, website }: CrispConfig): void {
  if ((identifier === undefined) !== (key === undefined)) {
    throw wrong(
      identifier === undefined ? 'identifier' : 'key',
      'both halves of the keypair: identifier and key',
    );
  }
  if ((email === undefined) !== (password === undefined)) {
    throw wrong(email === undefined ? 'email' : 'password', 'email and password together');
  }
  if (email !== undefined && tier !== 'user') {
    throw wrong('email', `no login with tier "${tier}": only an operator (tier "user") has one`);
  }
  if (website === undefined && tier !== 'plugin') {
    throw wrong('website', `the id of the website: tier "${tier}" cannot tell which ones there are`);
  }
  if (website !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(website)) {
    throw wrong('website', 'a website id: a UUID in lower case');
  }
}

function checkNames(place: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object') throw wrong(place.slice(0, -1), 'an object');
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw wrong(`${place}${name}`, `one of ${known.join(', ')}`);
  }
}

type TextOption =
  | 'campaignRecipients'
  | 'identifier'
  | 'key'
  | 'email'
  | 'password'
  | 'website'
  | 'operator'
  | 'rtmUrl'
  | 'origin';

function readText(options: CrispOptions, name: TextOption): string | undefined {
  const value: unknown = options[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.trim() === '') throw wrong(name, 'a text that is not empty');
  return value;
}

function readTier(tier: unknown): CrispTier {
  if (tier === 'user' || tier === 'website' || tier === 'plugin') return tier;
  throw wrong('tier', '"user", "website" or "plugin"');
}

function readFlag(options: CrispOptions, name: 'keepRaw' | 'realtime', byDefault: boolean): boolean {
  const value: unknown = options[name] ?? byDefault;
  if (typeof value !== 'boolean') throw wrong(name, 'true or false');
  return value;
}

function readNumber(name: string, value: unknown, lowest: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= lowest) return value;
  throw wrong(name, `a number from ${lowest}`);
}

function readTexts(name: string, given: unknown, shortest: number): readonly string[] {
  if (given === undefined) return [];
  const texts: readonly unknown[] = Array.isArray(given) ? given : [given];
  const fits = (each: unknown): each is string => typeof each === 'string' && each.length >= shortest;
  if (texts.length > 0 && texts.every(fits)) return texts;
  const length = shortest === 1 ? 'that is not empty' : `of at least ${shortest} characters`;
  throw wrong(name, `a text ${length}, or several`);
}

function readAuthor(author: CrispOptions['author']): CrispConfig['author'] {
  if (author === undefined) return undefined;
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (!isText(author.nickname)) throw wrong('author.nickname', 'a text that is not empty');
  if (author.avatar !== undefined && !isText(author.avatar))
    throw wrong('author.avatar', 'the URL of a picture');
  return author;
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

function readSocketUrl(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (isSocketUrl(address)) return address;
  throw wrong('rtmUrl', 'wss:// with host and path (ws:// on this machine or its own network only)');
}

/** True for an address that the keypair may be sent to: encrypted, or nearby. */
export function isSocketUrl(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (url.protocol === 'wss:' || url.protocol === 'https:') return true;
  return (url.protocol === 'ws:' || url.protocol === 'http:') && isNearby(url.hostname);
}

/** Only here may a secret travel unencrypted: to this machine, or to a name without dots, which no public host has. */
function isNearby(hostname: string): boolean {
  return hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname) || /^[a-z0-9-]+$/i.test(hostname);
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
  return new ParleyError('ERR_CONFIG', `crisp({ ${name} }): expected ${expected}`, { problems });
}
