import type { Adapter, WebhookRequest } from '../adapter.js';
import type { Engine } from '../engine.js';
import type { ErrorCode } from '../errors.js';
import { isParleyError } from '../errors.js';
import type { Log } from '../log.js';
import { toEffectError } from './handler-error.js';
import type { WebhookAnswer } from './types.js';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const ACCEPTED: WebhookAnswer = Object.freeze({ status: 200, headers: TEXT, body: '' });

/** Error codes by the status that tells the caller what to do; all others are 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_SIGNATURE: 401,
  ERR_UNEXPECTED_PAYLOAD: 400,
  ERR_REJECTED: 400,
  ERR_UNSUPPORTED: 404,
  ERR_UNAVAILABLE: 503,
  ERR_CONFIG: 500,
};

/** Why a call was not accepted: for those who run the bot. */
interface WebhookRefusal {
  status: number;
  code: string;
  /** Holds no secret and nothing of the call. */
  reason: string;
}

/** What happens to one webhook call. 200 only after the engine has accepted what it brought. */
export async function answerWebhook(
  adapter: Adapter | undefined,
  engine: Engine,
  request: WebhookRequest,
  log: Log,
  onRefused: (refusal: WebhookRefusal) => void,
): Promise<WebhookAnswer> {
  if (adapter?.webhook === undefined) return answer(404, 'No account of this name takes webhooks');
  try {
    const received = adapter.webhook.receive(request);
    const result = received instanceof Promise ? await received : received;
    if (result.kind === 'answer') {
      return { status: result.status, headers: { ...TEXT, ...result.headers }, body: result.body ?? '' };
    }
    for (const error of result.rejected ?? []) {
      log.warn({ account: adapter.account, code: codeOf(error) }, 'An item of a webhook could not be read');
    }
    if (result.events.length === 0) return ACCEPTED;
    const accepting = engine.accept(result.events);
    if (accepting instanceof Promise) await accepting;
    return ACCEPTED;
  } catch (error) {
    // Only nesting without end overflows the stack while a payload is read.
    const code = error instanceof RangeError ? 'ERR_UNEXPECTED_PAYLOAD' : codeOf(error);
    const status = STATUS[code as ErrorCode] ?? 500;
    const { message: reason } = toEffectError(error);
    onRefused({ status, code, reason });
    // Anybody may have called: how the account is set up is not for them.
    if (code === 'ERR_SIGNATURE') return answer(status, 'Refused: nothing proves who calls');
    if (status < 500) return answer(status, isParleyError(error) ? error.message : 'Refused');
    // What is wrong on our side is for our log, not for the caller.
    log.error({ account: adapter.account, code, reason }, 'A webhook call could not be handled');
    return answer(status, status === 503 ? 'Not now: deliver again later' : 'Internal error');
  }
}

function answer(status: number, body: string): WebhookAnswer {
  const headers = status === 503 ? { ...TEXT, 'retry-after': '5' } : TEXT;
  return { status, headers, body };
}

function codeOf(error: unknown): string {
  return isParleyError(error) ? error.code : error instanceof Error ? error.name : typeof error;
}
