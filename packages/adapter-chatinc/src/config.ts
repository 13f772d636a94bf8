import type { Rate } from '@parley/core';
import { ParleyError } from '@parley/core';
import { isRouteName } from './client/routes.js';
import type { ChatIncOptions, FlexibleRead, PollingOptions } from './options.js';

/** An address that requests go to: what stands before a route's path. */
export interface Base {
  /** Scheme, host and port. */
  origin: string;
  /** `/v1` or nothing; without a slash at its end. */
  prefix: string;
}

type Reader<T> = (value: unknown, place: string) => T;

/** The options with their defaults. */
export type ChatIncConfig = { [Name in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[Name]> };

/** @throws ERR_CONFIG for an option that is wrong or unknown, naming it, its place and what was expected; never its value */
export function readConfig(options: ChatIncOptions): ChatIncConfig {
  const config = readFields(OPTIONS)(options, '');
  if (!config.allowInsecureHttp) refuseInsecure(config);
  return config;
}

const HOUR = 3_600_000;

const OPTIONS = {
  apiKey: (value: unknown, place: string): string => text()(value, place) ?? wrong(place, 'the API key'),
  baseUrl: base('https://api.broadcast.chatinc.com/v1'),
  botBaseUrl: base('https://api.chatinc.com'),
  routeBaseUrls: readRouteBases,
  allowInsecureHttp: flag(false),
  methods: readFields({
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
  defaultCountryCode: text(/^[1-9]\d{0,2}$/, 'the digits of a country code, for example "27"'),
  buttonRules: oneOf('chatinc', 'whatsapp', 'off'),
  addContactsPath: (value: unknown, place: string): string =>
    text(/^\/[\w/-]*\w$/, 'a path such as "/create/audience"')(value, place) ?? '/create/audience',
  addContactsMode: oneOf('merge-first', 'post-only'),
  variableGroupUpdate: oneOf('repost', 'forbid'),
  alwaysSendAudienceId: flag(false),
  detailsFormat: oneOf('json', 'csv'),
  csv: readFields({
    numberHeader: (value: unknown, place: string): string => text()(value, place) ?? 'number',
    lineEnding: oneOf('\n', '\r\n'),
    delimiter: oneOf(',', ';', '\t'),
  }),
  uniqueTitles: flag(true),
  allowAll: flag(false),
  uploadImages: flag(false),
  singleSend: oneOf('unsupported', 'emulate'),
  experimental: readFields({ offPlatformTemplates: flag(false) }),
  runUnknownTemplates: flag(false),
  allowOverlappingRuns: flag(false),
  runProbeMs: number(120_000, 0),
  poll: readFields({
    listMs: number(30_000),
    approvalMs: number(60_000),
    approvalMaxMs: number(600_000),
    detailsMinMs: number(60_000, 0),
    settleMs: number(6 * HOUR),
    maxWatchMs: number(72 * HOUR),
  } satisfies Record<keyof PollingOptions, unknown>),
  keepRaw: flag(false),
  rate: readRate,
  requestTimeoutMs: number(30_000),
  uploadTimeoutMs: number(120_000),
  maxAnswerBytes: number(200 * 2 ** 20),
} satisfies Record<keyof ChatIncOptions, Reader<unknown>>;

/** An object of which every name is known; a missing one is an empty one. */
function readFields<Fields extends Record<string, Reader<unknown>>>(
  fields: Fields,
): Reader<{ [Name in keyof Fields]: ReturnType<Fields[Name]> }> {
  return (value = {}, place) => {
    if (typeof value !== 'object' || value === null) wrong(place === '' ? 'options' : place, 'an object');
    const placeOf = (name: string): string => (place === '' ? name : `${place}.${name}`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) wrong(placeOf(name), `one of ${Object.keys(fields).join(', ')}`);
    }
    const read = Object.entries(fields).map(([name, reader]) => [
      name,
      reader(Reflect.get(value, name), placeOf(name)),
    ]);
    return Object.fromEntries(read) as { [Name in keyof Fields]: ReturnType<Fields[Name]> };
  };
}

/** The first one is the default. */
function oneOf<const Word extends string>(...words: [Word, ...Word[]]): Reader<Word> {
  return (value, place) => {
    if (value === undefined) return words[0];
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    return wrong(place, words.map((word) => JSON.stringify(word)).join(' or '));
  };
}

function flag(byDefault: boolean): Reader<boolean> {
  return (value = byDefault, place) => (typeof value === 'boolean' ? value : wrong(place, 'true or false'));
}

function number(byDefault: number, lowest = 1): Reader<number> {
  return (value = byDefault, place) =>
    typeof value === 'number' && Number.isFinite(value) && value >= lowest
      ? value
      : wrong(place, `a number from ${lowest}`);
}

function text(form = /\S/, expected = 'a text that is not empty'): Reader<string | undefined> {
  return (value, place) => {
    if (value === undefined || (typeof value === 'string' && form.test(value))) return value;
    return wrong(place, expected);
  };
}

function base(byDefault: string): Reader<Base> {
  return (value = byDefault, place) => {
    const url = typeof value === 'string' ? URL.parse(value) : null;
    const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
    if (!isPlain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
      return wrong(place, 'scheme, host and path, for example "https://api.broadcast.chatinc.com/v1"');
    }
    return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
  };
}

function readRouteBases(value: unknown = {}, place: string): Readonly<Record<string, Base>> {
  if (typeof value !== 'object' || value === null) return wrong(place, 'an object of addresses by route');
  const bases = Object.entries(value).map(([name, address]) => {
    if (!isRouteName(name)) return wrong(`${place}.${name}`, 'the name of a route, as it is in api');
    return [name, base('')(address, `${place}.${name}`)] as const;
  });
  return Object.fromEntries(bases);
}

function readRate(value: unknown, place: string): Rate | undefined {
  const fields = { requests: number(Number.NaN), perMs: number(Number.NaN) };
  return value === undefined ? undefined : readFields(fields)(value, place);
}

/** Whoever can read along on the way could send at the account's cost. */
function refuseInsecure({ baseUrl, botBaseUrl, routeBaseUrls }: ChatIncConfig): void {
  for (const [place, { origin }] of Object.entries({ baseUrl, botBaseUrl, ...routeBaseUrls })) {
    if (origin.startsWith('https:') || isLoopback(new URL(origin).hostname)) continue;
    const option = place in routeBaseUrls ? `routeBaseUrls.${place}` : place;
    wrong(option, 'https (http only to this machine, or with allowInsecureHttp)');
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function wrong(place: string, expected: string): never {
  const problems = [`${place}: expected ${expected}`];
  throw new ParleyError('ERR_CONFIG', `chatinc({ ${place} }): expected ${expected}`, { problems });
}
