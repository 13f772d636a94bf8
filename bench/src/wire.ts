import { timingSafeEqual } from 'node:crypto';
import type { Adapter, AdapterDefinition, MessagePort, Rate, WebhookRequest } from '@parley/core';

/** What a provider's calls look like, both ways: for the adapter, and for a floor that makes and reads them by hand. */
export interface Wire {
  readonly provider: string;
  account(at: { origin: string; rate: Rate }): AdapterDefinition<Adapter & { messages: MessagePort }>;
  /** `count` signed calls of 2,048 bytes, each about a new message, spread over the conversations without a pattern. */
  webhooks(count: number, conversations: number): WebhookRequest[];
  /** What nobody can do without: HMAC over the raw bytes, a comparison in constant time, `JSON.parse`, one call. */
  verifyAndParse(
    call: Pick<WebhookRequest, 'body' | 'headers'>,
    handler: (payload: unknown) => void,
  ): boolean;
  /** The provider's id of a conversation. */
  conversationId(conversation: number): string;
  /** The adapter's request for a text, made by hand. */
  post(conversationId: string, text: string): BarePost;
}

export interface BarePost {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** True for the answer to a message that was taken. */
  isTaken(status: number, answer: unknown): boolean;
}

export function verifyAndParseAll(wire: Wire, requests: readonly WebhookRequest[]): void {
  let handled = 0;
  const handler = (): void => {
    handled += 1;
  };
  for (const request of requests) wire.verifyAndParse(request, handler);
  if (handled !== requests.length) throw new Error('the floor refused a webhook');
}

/** Compares a digest with what a header holds of it, in hexadecimal. */
export function isDigest(given: string, expected: Buffer): boolean {
  const digest = Buffer.from(given, 'hex');
  return digest.length === expected.length && timingSafeEqual(digest, expected);
}

export function parseBytes(body: Uint8Array): unknown {
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
}

/** Twenty-four hexadecimal digits, or as many as are left of it, that are different for every count. */
export function hexadecimal(count: number, digits: number): string {
  return count.toString(16).padStart(digits, '0');
}

/** A prime: steps of it visit every conversation, no two neighbours in a row. */
export const STRIDE = 7919;
