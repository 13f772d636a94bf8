import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Event, ParleyError, type WebhookPort, type WebhookRequest } from '@parley/core';
import { fromNativeEvent } from './from-native.js';
import type { NativeEvent } from './world.js';

const SIGNATURE_HEADER = 'x-fake-signature';

/** A delivery of the made-up provider: HMAC SHA-256 over the raw bytes. */
export function signed(path: string, body: Uint8Array | string, secret: string): WebhookRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return {
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signatureOf(bytes, secret),
    },
    body: bytes,
  };
}

function signatureOf(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export function createWebhookPort(account: string, provider: string, secret: string): WebhookPort {
  return {
    receive(request) {
      if (request.method === 'GET') return challenge(request.url);
      verify(request, secret);
      return { kind: 'events', ...decode(request.body, account, provider) };
    },
  };
}

function challenge(url: string) {
  const text = new URL(url, 'http://localhost').searchParams.get('challenge');
  if (text === null) return { kind: 'answer' as const, status: 403 };
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { kind: 'answer' as const, status: 200, headers, body: text };
}

function verify(request: WebhookRequest, secret: string): void {
  const expected = Buffer.from(signatureOf(request.body, secret));
  const given = Buffer.from(String(request.headers[SIGNATURE_HEADER] ?? ''));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ParleyError('ERR_SIGNATURE', 'The webhook is not signed with our secret.');
  }
}

function decode(body: Uint8Array, account: string, provider: string): { events: Event[]; rejected: Error[] } {
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw unexpected('body: expected JSON');
  }
  const items =
    typeof payload === 'object' && payload !== null && 'events' in payload ? payload.events : undefined;
  if (!Array.isArray(items)) throw unexpected('body.events: expected an array');
  const events: Event[] = [];
  const rejected: Error[] = [];
  for (const [index, item] of items.entries()) {
    if (isNativeEvent(item)) events.push(fromNativeEvent(item, account, provider));
    else rejected.push(unexpected(`body.events[${index}]: expected an event`));
  }
  if (events.length === 0 && rejected[0] !== undefined) throw rejected[0];
  return { events, rejected };
}

function isNativeEvent(item: unknown): item is NativeEvent {
  if (typeof item !== 'object' || item === null) return false;
  const { key, type, at, message } = item as Partial<Record<string, unknown>>;
  if (typeof key !== 'string' || typeof type !== 'string' || typeof at !== 'string') return false;
  return (
    type !== 'message.created' || (typeof message === 'object' && message !== null && 'content' in message)
  );
}

function unexpected(problem: string): ParleyError {
  return new ParleyError(
    'ERR_UNEXPECTED_PAYLOAD',
    `The webhook is not of the provider's shape: ${problem}.`,
    {
      problems: [problem],
    },
  );
}
