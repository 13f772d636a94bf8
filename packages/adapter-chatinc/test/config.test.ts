import { expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import { silentLog } from '@parley/core';
import { type ChatIncOptions, chatinc, parley } from '../src/index.js';

const apiKey = 'ck_test_51f0';

test.each<[string, string, object]>([
  ['an unknown option', 'apikey', { apiKey, apikey: 'x' }],
  ['no key', 'apiKey', {}],
  ['an empty key', 'apiKey', { apiKey: ' ' }],
  ['a base that is no address', 'baseUrl', { apiKey, baseUrl: 'api.chatinc.com/v1' }],
  ['a base with a query', 'baseUrl', { apiKey, baseUrl: 'https://api.chatinc.com/v1?x=1' }],
  ['the key in the open', 'baseUrl', { apiKey, baseUrl: 'http://api.chatinc.com/v1' }],
  ['the key in the open for bots', 'botBaseUrl', { apiKey, botBaseUrl: 'http://api.chatinc.com' }],
  [
    'the key in the open for one route',
    'routeBaseUrls.createAudience',
    { apiKey, routeBaseUrls: { createAudience: 'http://api.chatinc.com/v1' } },
  ],
  [
    'a route that is none',
    'routeBaseUrls.createAudiences',
    { apiKey, routeBaseUrls: { createAudiences: '' } },
  ],
  ['a method that is none', 'methods.retrieveCampaigns', { apiKey, methods: { retrieveCampaigns: 'PUT' } }],
  ['a method for a write', 'methods.createAudience', { apiKey, methods: { createAudience: 'GET' } }],
  ['a style that is none', 'optionsStyle', { apiKey, optionsStyle: 'positional' }],
  ['a flag that is a text', 'methodFallback', { apiKey, methodFallback: 'yes' }],
  ['a country code with a plus', 'defaultCountryCode', { apiKey, defaultCountryCode: '+27' }],
  ['a path without a slash', 'addContactsPath', { apiKey, addContactsPath: 'create/audience' }],
  ['a delimiter of two signs', 'csv.delimiter', { apiKey, csv: { delimiter: '||' } }],
  ['an experiment that is none', 'experimental.journeys', { apiKey, experimental: { journeys: true } }],
  ['a pause of nothing', 'poll.listMs', { apiKey, poll: { listMs: 0 } }],
  ['polling that is a number', 'poll', { apiKey, poll: 30_000 }],
  ['a rate without a span', 'rate.perMs', { apiKey, rate: { requests: 5 } }],
  ['a time-out of nothing', 'requestTimeoutMs', { apiKey, requestTimeoutMs: 0 }],
])('refuses %s, naming %s and what was expected', (_what, place, options) => {
  expect(() => chatinc(options as ChatIncOptions)).toThrow(
    expect.objectContaining({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(`chatinc({ ${place} }): expected `),
      problems: [expect.stringContaining(`${place}: expected `)],
    }),
  );
});

test('never shows a value, which may be a secret', () => {
  const options = { apiKey, baseUrl: `http://${apiKey}.example.com` };
  expect(() => chatinc(options)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(apiKey) }),
  );
});

test('takes every option it documents', async () => {
  const options: Required<ChatIncOptions> = {
    apiKey,
    baseUrl: 'https://api.chatinc.com/v1/',
    botBaseUrl: 'https://api.chatinc.com',
    routeBaseUrls: { createAudience: 'https://api.chatinc.com/v1' },
    allowInsecureHttp: false,
    methods: { retrieveCampaigns: 'POST' },
    methodFallback: false,
    optionsStyle: 'both',
    sendMessageExample: false,
    languageCodeStyle: 'underscore',
    timestampUnit: 'ms',
    scheduling: 'local',
    numberFormat: 'e164',
    defaultCountryCode: '27',
    buttonRules: 'whatsapp',
    addContactsPath: '/add/contacts',
    addContactsMode: 'post-only',
    variableGroupUpdate: 'forbid',
    alwaysSendAudienceId: true,
    detailsFormat: 'csv',
    csv: { numberHeader: 'phone', lineEnding: '\r\n', delimiter: ';' },
    uniqueTitles: false,
    allowAll: true,
    uploadImages: true,
    singleSend: 'emulate',
    experimental: { offPlatformTemplates: true },
    runUnknownTemplates: true,
    allowOverlappingRuns: true,
    runProbeMs: 0,
    poll: { listMs: 1, approvalMs: 1, approvalMaxMs: 1, detailsMinMs: 0, settleMs: 1, maxWatchMs: 1 },
    keepRaw: true,
    rate: { requests: 5, perMs: 1_000 },
    requestTimeoutMs: 1,
    uploadTimeoutMs: 1,
    maxAnswerBytes: 1,
  };
  const adapter = chatinc(options).open(standaloneAccount('promo', { log: silentLog }));
  expect(adapter).toMatchObject({ provider: 'chatinc', account: 'promo' });
  expect(Object.keys(adapter).sort()).toEqual(
    ['account', 'api', 'campaigns', 'close', 'feed', 'perRecipientStatus', 'provider'].sort(),
  );
  expect(adapter.perRecipientStatus()).toBeUndefined();
  await adapter.close();
});

test.each(['http://localhost:4030/v1', 'http://127.0.0.1:4030', 'http://[::1]:4030/v1'])(
  'may send the key to this machine: %s',
  async (baseUrl) => {
    await chatinc({ apiKey, baseUrl })
      .open(standaloneAccount('promo', { log: silentLog }))
      .close();
  },
);

test('may send the key in the open where that is asked for', () => {
  const baseUrl = 'http://chatinc.intranet.example.com/v1';
  expect(chatinc({ apiKey, baseUrl, allowInsecureHttp: true }).provider).toBe('chatinc');
});

test('is found by a config file', () => {
  expect(parley).toEqual({ adapter: chatinc });
});
