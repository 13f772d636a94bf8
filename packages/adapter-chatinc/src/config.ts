import { option } from '@parley/adapter-kit';
import { isRouteName } from './client/routes.js';
import type { ChatIncOptions, FlexibleRead, PollingOptions } from './options.js';

/** An address that requests go to: what stands before a route's path. */
export interface Base {
  /** Scheme, host and port. */
  origin: string;
  /** `/v1` or nothing; without a slash at its end. */
  prefix: string;
}

const { fields, flag, number, oneOf, optional, or, text } = option;

/** The options with their defaults. */
export type ChatIncConfig = option.Read<typeof OPTIONS>;

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: ChatIncOptions): ChatIncConfig {
  const place = option.optionsOf('chatinc');
  const config = fields(OPTIONS)(options, place);
  if (!config.allowInsecureHttp) refuseInsecure(config, place);
  return config;
}

const HOUR = 3_600_000;

const OPTIONS = {
  apiKey: text(/\S/, 'the API key'),
  baseUrl: or(base, { origin: 'https://api.broadcast.chatinc.com', prefix: '/v1' }),
  botBaseUrl: or(base, { origin: 'https://api.chatinc.com', prefix: '' }),
  routeBaseUrls: readRouteBases,
  allowInsecureHttp: flag(false),
  methods: fields({
    retrieveCampaigns: oneOf('GET', 'POST'),
    retrieveCampaign: oneOf('POST', 'GET'),
    retrieveVariableGroups: oneOf('POST', 'GET'),
    retrieveAudiences: oneOf('GET', 'POST'),
    retrieveAudienceContacts: oneOf('POST', 'GET'),
  } satisfies Record<FlexibleRead, unknown>),
  methodFallback: flag(true),
  optionsStyle: oneOf('nested', 'flat', 'both'),
  sendMessageExample: flag(true),
  languageCodeStyle: oneOf('compact', 'underscore'),
  timestampUnit: oneOf('s', 'ms'),
  scheduling: oneOf('provider', 'local'),
  numberFormat: oneOf('digits', 'e164'),
  defaultCountryCode: optional(text(/^[1-9]\d{0,2}$/, 'the digits of a country code, for example "27"')),
  buttonRules: oneOf('chatinc', 'whatsapp', 'off'),
  addContactsPath: or(text(/^\/[\w/-]*\w$/, 'a path such as "/create/audience"'), '/create/audience'),
  addContactsMode: oneOf('merge-first', 'post-only'),
  variableGroupUpdate: oneOf('repost', 'forbid'),
  alwaysSendAudienceId: flag(false),
  detailsFormat: oneOf('json', 'csv'),
  csv: fields({
    numberHeader: or(text(), 'number'),
    lineEnding: oneOf('\n', '\r\n'),
    delimiter: oneOf(',', ';', '\t'),
  }),
  uniqueTitles: flag(true),
  allowAll: flag(false),
  uploadImages: flag(false),
  singleSend: oneOf('unsupported', 'emulate'),
  experimental: fields({ offPlatformTemplates: flag(false) }),
  runUnknownTemplates: flag(false),
  allowOverlappingRuns: flag(false),
  runProbeMs: number(120_000, 0),
  poll: fields({
    listMs: number(30_000),
    approvalMs: number(60_000),
    approvalMaxMs: number(600_000),
    detailsMinMs: number(60_000, 0),
    settleMs: number(6 * HOUR),
    maxWatchMs: number(72 * HOUR),
  } satisfies Record<keyof PollingOptions, unknown>),
  keepRaw: flag(false),
  rate: optional(option.rate),
  requestTimeoutMs: number(30_000),
  uploadTimeoutMs: number(120_000),
  maxAnswerBytes: number(200 * 2 ** 20),
} satisfies Record<keyof ChatIncOptions, option.Reader<unknown>>;

function base(value: unknown, place: option.Place): Base {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
  if (!isPlain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return place.wrong('scheme, host and path, for example "https://api.broadcast.chatinc.com/v1"');
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

function readRouteBases(value: unknown = {}, place: option.Place): Readonly<Record<string, Base>> {
  if (typeof value !== 'object' || value === null) return place.wrong('an object of addresses by route');
  const bases = Object.entries(value).map(([name, address]) => {
    if (!isRouteName(name)) return place.at(name).wrong('the name of a route, as it is in api');
    return [name, base(address, place.at(name))] as const;
  });
  return Object.fromEntries(bases);
}

/** Whoever can read along on the way could send at the account's cost. */
function refuseInsecure({ baseUrl, botBaseUrl, routeBaseUrls }: ChatIncConfig, place: option.Place): void {
  for (const [name, { origin }] of Object.entries({ baseUrl, botBaseUrl, ...routeBaseUrls })) {
    if (origin.startsWith('https:') || isLoopback(new URL(origin).hostname)) continue;
    const own = name in routeBaseUrls ? place.at('routeBaseUrls').at(name) : place.at(name);
    own.wrong('https (http only to this machine, or with allowInsecureHttp)');
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
