import type { CallOptions, Content } from '@parley/core';
import type { Web1on1Api } from './client/api.js';
import { HANDLE, toBody } from './to-web1on1.js';
import type { Web1on1Message } from './wire/message.js';
import { referencedId } from './wire/reference.js';

/** How far the platform's clock may be behind ours. A handle is exact, so looking too far back costs nothing. */
const CLOCK_SKEW_MS = 60_000;

/** What to look for: one of these contents, sent by us under this key. */
export interface Sought {
  contents: readonly Content[];
  key: string;
  /** ISO time of the first attempt, by our clock. */
  since: string;
  selfId: string | undefined;
}

/**
 * Looks for a message whose answer got lost, in what its conversation has had since. A template has no handle, its `meta`
 * being its variables: it is known by template, variables and author.
 */
export async function findSent(
  api: Web1on1Api,
  conversationId: string,
  sought: Sought,
  options: CallOptions | undefined,
): Promise<Web1on1Message | undefined> {
  const since = new Date(Date.parse(sought.since) - CLOCK_SKEW_MS).toISOString();
  const templates = sought.contents.filter((content) => content.kind === 'template');
  for await (const message of api.conversations.messages(
    conversationId,
    { where: { createdAt: { gte: since } } },
    options,
  )) {
    if (message.meta?.[HANDLE] === sought.key) return message;
    if (!isOurs(message, sought.selfId)) continue;
    if (templates.some((content) => isSameTemplate(message, content))) return message;
  }
  return undefined;
}

function isOurs(message: Web1on1Message, selfId: string | undefined): boolean {
  const user = referencedId(message.user);
  return user === undefined ? message.role !== 'contact' : selfId === undefined || user === selfId;
}

function isSameTemplate(message: Web1on1Message, content: Extract<Content, { kind: 'template' }>): boolean {
  const meta = message.meta ?? {};
  return (
    meta.template === content.template &&
    message.text === toBody(content).text &&
    Object.entries(content.variables).every(([name, value]) => meta[name] === value)
  );
}
