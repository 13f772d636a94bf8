import { isNearby, option } from '@parley/adapter-kit';
import type { Backoff, Rate, TokenStore } from '@parley/core';

const { fields, flag, number, optional, or, text, texts } = option;

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
   * value, which anybody who sees the address can use: at least 16 characters out of letters, digits and `.` `_` `~` `-`; several
   * while it is being replaced.
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
  /**
   * How long the platform may take to store a message that it has accepted, in milliseconds; that is not documented. One whose answer got
   * lost is looked for so long before it is sent again: too short, and it is said twice. Default 15,000.
   */
  storedWithinMs?: number;
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
export type CrispConfig = option.Read<typeof OPTIONS> & { realtime: boolean };

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: CrispOptions): CrispConfig {
  const place = option.optionsOf('crisp');
  const read = fields(OPTIONS)(options, place);
  checkCredentials(read, place);
  return { ...read, realtime: read.realtime ?? (read.secret.length === 0 && read.hookKey.length === 0) };
}

const OPTIONS = {
  tier: option.word('user', 'website', 'plugin'),
  identifier: optional(text(/^(?=.*\S)[^:]+$/, 'the identifier of a keypair, which holds no colon')),
  key: optional(text()),
  email: optional(text()),
  password: optional(text()),
  website: optional(
    text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a website id: a UUID in lower case'),
  ),
  operator: optional(text()),
  author: optional(
    fields({ nickname: text(), avatar: optional(text(/^https?:\/\/\S+$/, 'the URL of a picture')) }),
  ),
  secret: texts(),
  hookKey: readHookKey,
  hookWindowMs: number(300_000),
  realtime: optional(flag(false)),
  reconnect: fields({ firstMs: number(1_000), maxMs: number(60_000) }),
  rtmUrl: optional(readSocketUrl),
  storedWithinMs: number(15_000),
  origin: or(option.origin, 'https://api.crisp.chat'),
  keepRaw: flag(false),
  tokenStore: optional(option.tokenStore),
  campaignRecipients: or(text(), 'segments'),
  rate: optional(option.rate),
  timeoutMs: number(30_000),
} satisfies Record<keyof CrispOptions, option.Reader<unknown>>;

type Credentials = Pick<CrispConfig, 'tier' | 'identifier' | 'key' | 'email' | 'password' | 'website'>;

function checkCredentials(given: Credentials, place: option.Place): void {
  const { tier, identifier, key, email, password, website } = given;
  if ((identifier === undefined) !== (key === undefined)) {
    const missing = identifier === undefined ? 'identifier' : 'key';
    place.at(missing).wrong('both halves of the keypair: identifier and key');
  }
  if ((email === undefined) !== (password === undefined)) {
    place.at(email === undefined ? 'email' : 'password').wrong('email and password together');
  }
  if (identifier === undefined && email === undefined) {
    const login = tier === 'user' ? ', or email and password' : '';
    place.at('identifier').wrong(`the credentials of tier "${tier}": identifier and key${login}`);
  }
  if (email !== undefined && tier !== 'user') {
    place.at('email').wrong(`no login with tier "${tier}": only an operator (tier "user") has one`);
  }
  if (website === undefined && tier !== 'plugin') {
    place.at('website').wrong(`the id of the website: tier "${tier}" cannot tell which ones there are`);
  }
}

const SHORTEST_KEY = 16;

/** An address may be encoded anew on its way, or read as a form is, where `+` is a space: what stands for itself stays. */
function readHookKey(given: unknown, place: option.Place): readonly string[] {
  const keys = texts(SHORTEST_KEY)(given, place);
  if (keys.every((key) => /^[\w.~-]+$/.test(key))) return keys;
  return place.wrong('only letters, digits and . _ ~ -, which an address holds as they are');
}

function readSocketUrl(address: unknown, place: option.Place): string {
  if (typeof address === 'string' && isSocketUrl(address)) return address;
  return place.wrong('wss:// with host and path (ws:// on this machine or its own network only)');
}

/** True for an address that the keypair may be sent to: encrypted, or nearby. */
export function isSocketUrl(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (url.protocol === 'wss:' || url.protocol === 'https:') return true;
  return (url.protocol === 'ws:' || url.protocol === 'http:') && isNearby(url.hostname);
}
