import type { CallOptions, OpenRequest } from '@parley/core';
import type { Web1on1Api } from './client/api.js';
import { join, leave } from './commands.js';
import { findSent } from './find-sent.js';
import { type SpeakingRole, toProfile, toTouchpoint, toWeb1on1Message } from './to-web1on1.js';
import type { Web1on1Contact, Web1on1ContactProfile } from './wire/contact.js';
import type { Web1on1Conversation, Web1on1UpsertInput } from './wire/conversation.js';
import type { Web1on1MessageInput } from './wire/message.js';
import { referencedId } from './wire/reference.js';

/** The messages get this long to leave before the conversation is let go of; the platform's own example does the same. */
const RELEASE_DELAY_MS = 3000;

/**
 * The upsert that opens a conversation: contents in their order, and the first one that is said names the channel. The
 * platform wants at least one message; where there is nothing to say, that is what every message does anyway: joining.
 */
export function toUpsert(request: OpenRequest, organization: string, role: SpeakingRole): Web1on1UpsertInput {
  const channel = toTouchpoint(request.to.channel);
  let isNamed = false;
  const messages = request.contents.map((content): Web1on1MessageInput => {
    const names = !isNamed && content.kind !== 'field';
    if (names) isNamed = true;
    return toWeb1on1Message({
      content,
      role,
      key: request.key,
      ...(channel !== undefined && (names || content.kind === 'template') && { channel }),
    });
  });
  if (messages.length === 0) messages.push(join());
  if (request.release === true) messages.push(leave({ delayMs: RELEASE_DELAY_MS }));
  return { organization, type: 'contact', contact: { profile: toProfile(request.to) }, messages };
}

/** Looks for an `open` whose answer never came: by the person's address, then by what was to be posted. */
export async function findOpened(
  api: Web1on1Api,
  request: OpenRequest,
  since: string,
  context: { organization: string; selfId: string | undefined },
  options: CallOptions | undefined,
): Promise<{ conversation: Web1on1Conversation; created: boolean; messageId: string } | undefined> {
  const contact = await findContact(api, toProfile(request.to), context.organization, options);
  const id = referencedId(contact?.conversation);
  if (id === undefined) return undefined;
  const sought = { contents: request.contents, key: request.key, since, selfId: context.selfId };
  const message = await findSent(api, id, sought, options);
  if (message === undefined) return undefined;
  const conversation = await api.conversations.get(id, {}, options);
  return { conversation, created: (conversation.createdAt ?? '') >= since, messageId: message.id };
}

/**
 * The last message of an upsert that has created its conversation: then all there are came with it. What an older conversation's
 * list holds, and whether somebody else has written meanwhile, cannot be told.
 */
export function lastOf({ messages }: Web1on1Conversation, created: boolean): string | undefined {
  const last = created ? messages?.at(-1) : undefined;
  return typeof last === 'object' ? last.id : last;
}

/** The contact with exactly this phone number or, failing that, this e-mail address. */
export async function findContact(
  api: Web1on1Api,
  profile: Pick<Web1on1ContactProfile, 'telephone' | 'email'>,
  organization: string | undefined,
  options: CallOptions | undefined,
): Promise<Web1on1Contact | undefined> {
  const fields = ['telephone', 'email'] as const;
  for (const field of fields) {
    const value = profile[field];
    if (!value) continue;
    const where = { [`profile.${field}`]: value, ...(organization !== undefined && { organization }) };
    const [contact] = await api.contacts.list({ where, limit: 1 }, options);
    if (contact !== undefined) return contact;
  }
  return undefined;
}
