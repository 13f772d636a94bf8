/** Where evidence about the provider is split or missing, a switch decides. They may be changed while it runs. */
export interface Web1on1Switches {
  /** An expired access token: 401 `jwt expired` (SDK) or 403 `Permission Denied` (older documentation). */
  expiredToken: 401 | 403;
  /** `POST /v2/auth/token` answers. */
  tokenCreateStatus: 200 | 201;
  /** `DELETE` answers: 204 without a body, or 200 with an empty object. */
  deleteStatus: 200 | 204;
  /** A refresh token works once. */
  strictRotation: boolean;
  refreshTokenFormat: 'opaque' | 'jwt';
  accessTokenLifetimeMs: number;
  refreshTokenLifetimeMs: number;
  /** When set, a login needs this one-time code; otherwise any `otp` is accepted and ignored. */
  otp: string | undefined;
  /** Leaves commas in `Link` URLs unencoded, which breaks parsers that split on them. */
  rawLinkCommas: boolean;
  /** Lists carry `X-Total-Count`. */
  totalCount: boolean;
  defaultLimit: number;
  maxLimit: number;
  /** Bots get webhooks about their own messages. */
  selfEcho: boolean;
  /** Webhook bodies are indented. The signature is always over the bytes sent. */
  prettyWebhooks: boolean;
  /** What `id` in a webhook identifies: this attempt, the event, or the subscription. */
  webhookId: 'delivery' | 'event' | 'service';
  /** Time a receiver has to answer. */
  webhookDeadlineMs: number;
  /** How long a webhook may wait for the answer to the one before it in its conversation, in real milliseconds. */
  webhookOrderMs: number;
  /** First pause before a webhook is repeated; it doubles up to `webhookRetryMaxMs`. */
  webhookRetryFirstMs: number;
  webhookRetryMaxMs: number;
  /** No repeats later than this after the first attempt. */
  webhookRetryForMs: number;
  /** Answers after which a webhook is not repeated. */
  webhookFinalStatuses: readonly number[];
  /** How a consumer's press on a button arrives. */
  quickReplies: 'postback' | 'chat';
  /** Free-form WhatsApp later than 24 h after the consumer's last message fails with `message.error`. */
  whatsappWindow: boolean;
}

export const DEFAULT_SWITCHES: Web1on1Switches = {
  expiredToken: 401,
  tokenCreateStatus: 201,
  deleteStatus: 204,
  strictRotation: false,
  refreshTokenFormat: 'opaque',
  accessTokenLifetimeMs: 24 * 3_600_000,
  refreshTokenLifetimeMs: 90 * 24 * 3_600_000,
  otp: undefined,
  rawLinkCommas: false,
  totalCount: true,
  defaultLimit: 100,
  maxLimit: 1000,
  selfEcho: true,
  prettyWebhooks: false,
  webhookId: 'delivery',
  webhookDeadlineMs: 20_000,
  webhookOrderMs: 50,
  webhookRetryFirstMs: 1000,
  webhookRetryMaxMs: 3_600_000,
  webhookRetryForMs: 24 * 3_600_000,
  webhookFinalStatuses: [],
  quickReplies: 'postback',
  whatsappWindow: false,
};

const CHOICES: { [K in keyof Web1on1Switches]?: readonly Web1on1Switches[K][] } = {
  expiredToken: [401, 403],
  tokenCreateStatus: [200, 201],
  deleteStatus: [200, 204],
  refreshTokenFormat: ['opaque', 'jwt'],
  webhookId: ['delivery', 'event', 'service'],
  quickReplies: ['postback', 'chat'],
};

/** Checks a switch by name; throws a TypeError that names it and what was expected. */
export function setSwitch(switches: Web1on1Switches, name: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULT_SWITCHES, name)) {
    throw new TypeError(`unknown switch "${name}"; known: ${Object.keys(DEFAULT_SWITCHES).join(', ')}`);
  }
  const key = name as keyof Web1on1Switches;
  const choices: readonly unknown[] | undefined = CHOICES[key];
  const expected = choices?.join(' or ') ?? (key === 'otp' ? 'string' : typeof DEFAULT_SWITCHES[key]);
  const fits = choices?.includes(value) ?? fitsDefault(key, value);
  if (!fits) throw new TypeError(`switch "${name}": expected ${expected}`);
  Object.assign(switches, { [key]: value });
}

function fitsDefault(key: keyof Web1on1Switches, value: unknown): boolean {
  if (key === 'otp') return value === undefined || typeof value === 'string';
  if (key === 'webhookFinalStatuses') return Array.isArray(value) && value.every(Number.isInteger);
  if (typeof DEFAULT_SWITCHES[key] === 'number') return typeof value === 'number' && value >= 0;
  return typeof value === typeof DEFAULT_SWITCHES[key];
}

export function createSwitches(given: Partial<Web1on1Switches> = {}): Web1on1Switches {
  const switches = { ...DEFAULT_SWITCHES };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) setSwitch(switches, name, value);
  }
  return switches;
}
