import { type ContentLimits, ParleyError } from '@parley/core';
import type { Wire } from './failures.js';
import type { FakeAccount } from './fake-adapter.js';
import type { FakeFeed } from './feed.js';
import { createContactPort, createConversationPort, createMessagePort, type Surroundings } from './ports.js';
import { createWebhookPort } from './webhook.js';

export interface Parts {
  wire: Wire;
  /** Missing: events come through the webhook. */
  feed: FakeFeed | undefined;
  accepts: ContentLimits;
  secret: string;
  /** `contacts`, `messages.find`, ... */
  without: readonly string[];
}

/** One opened account of the made-up provider, with the ports that the test wants it to have. */
export function openFakeAccount(around: Omit<Surroundings, 'call'>, parts: Parts): FakeAccount {
  const { account, provider } = around;
  let closed = false;
  const call: Surroundings['call'] = (method, request, options, work) => {
    if (closed) {
      return Promise.reject(new ParleyError('ERR_ABORTED', 'The account is closed.', { account }));
    }
    return parts.wire.call(method, request, options, work);
  };
  const all = { ...around, call };
  const ports = {
    conversations: createConversationPort(all),
    messages: createMessagePort(all, parts.accepts),
    contacts: createContactPort(all),
    ...(parts.feed === undefined
      ? { webhook: createWebhookPort(account, provider, parts.secret) }
      : { feed: parts.feed.port(account, provider, () => closed) }),
  };
  return {
    provider,
    account,
    ...lacking(ports, parts.without),
    api: {},
    selfId: () => `${account}:bot`,
    close: async () => {
      closed = true;
    },
  };
}

/** The ports without those, and without those methods, that the test says are absent; the type keeps them on purpose. */
function lacking<Ports extends object>(ports: Ports, without: readonly string[]): Ports {
  const kept = Object.entries(ports)
    .filter(([port]) => !without.includes(port))
    .map(([port, methods]: [string, object]) => {
      const left = Object.entries(methods).filter(([method]) => !without.includes(`${port}.${method}`));
      return [port, Object.fromEntries(left)];
    });
  return Object.fromEntries(kept) as Ports;
}
