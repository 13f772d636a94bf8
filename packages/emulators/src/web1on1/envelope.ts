import { randomUUID } from 'node:crypto';
import type { Announcement, Platform } from './platform.js';
import { isObject, type JsonObject, type Web1on1Record } from './records.js';

/** What the body of a webhook is made from. */
export interface Enveloped {
  service: Web1on1Record;
  announcement: Announcement;
  /** UUID of the event, the same for every subscription. */
  eventId: string;
  /** When it happened, epoch milliseconds. */
  firstAt: number;
  attempt: number;
  /** The conversation as it was before, to be sent in the place of the present one. */
  stale?: JsonObject;
}

const ACTIVITY_TYPES: ReadonlyMap<string, string> = new Map([
  ['create', 'Create'],
  ['update', 'Update'],
  ['delete', 'Delete'],
]);

/** The body of a webhook (developers.web1on1.chat, webhooks/payloads). */
export function envelope(
  platform: Platform,
  { service, announcement, eventId, firstAt, stale, attempt }: Enveloped,
): JsonObject {
  const { event, organization, object, summary, actor } = announcement;
  const data = { ...announcement.data, ...(stale !== undefined && { conversation: stale }) };
  const url = (path: string) => `${platform.origin}/v2/${path}`;
  const ids = { event: eventId, service: service.id, delivery: attempt === 1 ? eventId : randomUUID() };
  return {
    id: ids[platform.switches.webhookId],
    event,
    timestamp: platform.clock.iso(),
    organization,
    activity: {
      '@context': 'https://www.w3.org/ns/activitystreams',
      type: ACTIVITY_TYPES.get(event.split('.')[1] ?? '') ?? 'Activity',
      actor: { id: url(actor), type: 'Person' },
      object: { id: url(object), type: 'Object' },
      // When it happened, the same on every redelivery; `timestamp` is when it is sent.
      published: new Date(firstAt).toISOString(),
      summary,
    },
    data: { ...data, links: links(data, organization, url) },
  };
}

function links(data: JsonObject, organization: string, url: (path: string) => string): JsonObject {
  const conversation = isObject(data.conversation) ? data.conversation : undefined;
  const message = isObject(data.message) ? data.message : undefined;
  return {
    organization: url(`organizations/${organization}`),
    ...(conversation && { conversation: url(`conversations/${conversation.id}`) }),
    ...(message && { message: url(`messages/${message.id}`) }),
    ...(typeof conversation?.contact === 'string' && { contact: url(`contacts/${conversation.contact}`) }),
    ...(typeof message?.user === 'string' && { user: url(`users/${message.user}`) }),
  };
}
