import type { Adapter, CallOptions, Content, ContentKind, Id, WebhookRequest } from '@parley/core';

/** `test` of any runner: jest, vitest, node:test, mocha. */
export type Test = (name: string, run: () => Promise<void>) => unknown;
export type Describe = (name: string, run: () => void) => unknown;

/**
 * What may happen to the adapter's next request.
 *
 * - `rate limited`: 429, with a short `Retry-After` if the provider sends one; not carried out
 * - `unavailable`: 503; not carried out
 * - `rejected`: 400 or 422; not carried out
 * - `malformed`: carried out, and the answer is not what the provider documents
 * - `lost answer`: carried out, and the connection ends without an answer
 * - `lost request`: the connection ends without an answer; not carried out
 */
export type Fault =
  | 'rate limited'
  | 'unavailable'
  | 'rejected'
  | 'malformed'
  | 'lost answer'
  | 'lost request';

/**
 * One fresh emulator with an adapter opened against it. What the provider lacks is missing: Chat Inc has neither
 * `consumer` nor `webhooks`: its feed tells how campaigns go. Crisp has both and a feed.
 */
export interface AdapterHarness {
  readonly adapter: Adapter;
  /** The same credentials under another account name, against the same emulator. The suite closes it. */
  open(account: string): Adapter;
  /** Tokens, keys, webhook secrets: none of them may appear in an error. */
  readonly secrets: readonly string[];
  /** Ids that exist, with the adapter's account. */
  readonly known: KnownIds;
  /** An id of the provider's form that does not exist, without an account. */
  readonly unknownExternalId: string;
  /** A person in `known.conversationId`. Needed if the adapter has messages or a webhook. */
  readonly consumer?: HarnessConsumer;
  /** Needed if the adapter has a webhook. */
  readonly webhooks?: HarnessWebhooks;
  /** The next request that the adapter makes fails so. */
  fail(fault: Fault): void | Promise<void>;
  /** The next list answer holds one item that cannot be read, beside good ones. Where the emulator can do it. */
  spoilNextList?(): void | Promise<void>;
  /** How many messages the provider puts on a page: the suite crosses its edge. Default 3. */
  readonly messagesPerPage?: number;
  /** Contents to send instead of the suite's own, where the provider wants ids of its own. */
  readonly contents?: Partial<Record<ContentKind, Content>>;
  /** Further calls that must keep the promises about closing and cancelling: of `api`, or of ports this suite does not know. */
  readonly moreCalls?: Readonly<
    Record<string, (options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>>
  >;
  close(): Promise<void>;
}

export interface KnownIds {
  conversationId?: Id;
  contactId?: Id;
  assigneeId?: Id;
  /** A phone number or e-mail address of `contactId`. */
  address?: { phone: string } | { email: string };
}

export interface HarnessConsumer {
  /** Writes in `known.conversationId`; resolves once the provider has it. */
  says(text: string): void | Promise<void>;
  /** The texts that reached the person, oldest first. */
  received(): readonly string[] | Promise<readonly string[]>;
}

export interface HarnessWebhooks {
  /** The next delivery that was captured and not returned before. */
  next(): Promise<WebhookRequest>;
  /** The provider delivers the latest message event once more, in its own way. */
  again(): Promise<WebhookRequest>;
  /** Signs bytes as the provider would; with another secret, as somebody else would. */
  sign(body: Uint8Array, secret?: string): WebhookRequest;
  /** A payload of an event that the adapter does not know, in the provider's envelope. */
  readonly unknownEvent: object;
}
