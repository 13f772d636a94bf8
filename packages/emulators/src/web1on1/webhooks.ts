import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Chaos } from '../chaos.js';
import {
  type DeliveryKind,
  DeliveryQueue,
  type Delivery as Queued,
  type QueueState,
} from '../delivery-queue.js';
import { createPoster } from '../post.js';
import { type Enveloped, envelope } from './envelope.js';
import { type Announcement, announceRecord, type Platform } from './platform.js';
import { isObject, type JsonObject, snapshot, type Web1on1Record } from './records.js';
import { isSubscribed, secretOf, urlOf } from './subscription.js';

/** One attempt to deliver a webhook. */
export interface WebhookDelivery {
  event: string;
  messageId?: string;
  /** Id of the subscription. */
  service: string;
  url: string;
  /** 1 is the first. */
  attempt: number;
  /** What the receiver answered; 0 when it did not. */
  status: number;
  /** ISO 8601 on the emulator's clock. */
  at: string;
  /** Why there is no answer, or what chaos did to this attempt. */
  note?: string;
}

export interface Webhooks {
  /** The latest attempts, oldest first. */
  readonly deliveries: readonly WebhookDelivery[];
  /** Deliveries that are queued, in flight, or waiting for a retry. */
  readonly pending: number;
  /** Resolves when nothing is queued, in flight, or waiting for a retry on the emulator's clock. */
  settled(): Promise<void>;
  /** Resolves when nothing is queued or in flight; retries may be waiting for the clock. */
  idle(): Promise<void>;
  /** May be replaced at any time; a new seed starts its sequence anew. */
  chaos: Chaos;
  announce(announcement: Announcement): void;
  /** Runs the challenge and sets the status of the subscription. */
  verify(service: Web1on1Record): Promise<boolean>;
  close(): void;
}

/** The webhooks, with what only the emulator itself may do. */
export interface WebhookQueue extends Webhooks {
  state(): WebhooksState;
  /** Goes on: what was under way is sent again, retries follow when they are due. */
  restore(state: WebhooksState): void;
}

interface Delivery extends Enveloped, Queued {}

/** A delivery as a snapshot has it: the subscription by its id. */
type StoredDelivery = Omit<Delivery, 'service'> & { service: string };

/** What is yet to be told, and how chaos goes on. */
export interface WebhooksState extends QueueState<WebhookDelivery, StoredDelivery> {
  /** The conversations as subscribers saw them last, by id. */
  shown: Record<string, JsonObject>;
}

/** `save` is called before a webhook leaves. */
export function createWebhooks(platform: Platform, save: () => void = () => {}): WebhookQueue {
  const { clock, switches } = platform;
  const poster = createPoster(clock);
  const shown = new Map<string, JsonObject>();

  const kind: DeliveryKind<Delivery, WebhookDelivery, StoredDelivery> = {
    lane({ service, announcement }) {
      const conversation = conversationOf(announcement);
      return conversation === undefined ? undefined : `${service.id} ${conversation}`;
    },
    orderMs: () => switches.webhookOrderMs,
    isWanted: ({ service }) => platform.services.get(service.id) !== undefined,
    canForge: () => true,
    post(delivery, forged) {
      const { service } = delivery;
      const indent = switches.prettyWebhooks ? 2 : undefined;
      const body = JSON.stringify(envelope(platform, delivery), null, indent);
      save();
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'web1on1-emulator',
        'x-hub-signature': sign(forged ? randomBytes(20).toString('hex') : secretOf(service), body),
      };
      return poster.post(urlOf(service), body, headers, switches.webhookDeadlineMs);
    },
    log({ service, announcement, attempt }, status, note) {
      const { message } = announcement.data;
      return {
        event: announcement.event,
        ...(isObject(message) && { messageId: String(message.id) }),
        service: service.id,
        url: urlOf(service).replace(/\/\/[^/@]*@/, '//'),
        attempt,
        status,
        at: clock.iso(),
        ...(note !== undefined && { note }),
      };
    },
    pauseAfter({ attempt, firstAt }, status) {
      const pause = Math.min(
        switches.webhookRetryFirstMs * 2 ** (attempt - 1),
        Math.max(switches.webhookRetryMaxMs, 1),
      );
      const tooLate = clock.now() + pause > firstAt + switches.webhookRetryForMs;
      return switches.webhookFinalStatuses.includes(status) || tooLate ? undefined : pause;
    },
    // A failure is not told to the one who failed, and a failure to tell of it is not told: either would never end.
    gaveUp({ service, announcement }) {
      if (announcement.event === 'service.error') return;
      const except = { except: service.id };
      announceRecord(platform, 'services', 'error', service, `services/${service.id}`, except);
    },
    again: (delivery) => ({ ...delivery, attempt: delivery.attempt + 1 }),
    toStored: ({ service, ...rest }) => ({ ...rest, service: service.id }),
    fromStored({ service: id, ...rest }) {
      const service = platform.services.get(id);
      return service && { ...rest, service };
    },
  };
  const queue = new DeliveryQueue(kind, clock, poster);

  return {
    get deliveries() {
      return queue.deliveries;
    },
    get pending() {
      return queue.pending;
    },
    settled: () => queue.settled(),
    idle: () => queue.idle(),
    get chaos() {
      return queue.chaos;
    },
    set chaos(next) {
      queue.chaos = next;
    },

    announce(announcement) {
      const services = platform.services
        .list()
        .filter((service) => isSubscribed(platform, service, announcement));
      if (services.length === 0) return;
      const frozen = { ...announcement, data: snapshot(announcement.data) };
      const eventId = randomUUID();
      const conversation = conversationOf(frozen);
      for (const service of services) {
        const stale = conversation !== undefined && isMessage(frozen) && queue.chance(queue.chaos.stale);
        queue.enqueue({
          service,
          announcement: frozen,
          eventId,
          firstAt: clock.now(),
          attempt: 1,
          fate: queue.fate(),
          ...(stale && { stale: shown.get(conversation) }),
        });
      }
      if (conversation !== undefined && isObject(frozen.data.conversation)) {
        shown.set(conversation, frozen.data.conversation);
      }
    },

    state: () => ({ ...queue.state(), shown: Object.fromEntries(shown) }),

    restore(state) {
      for (const [id, conversation] of Object.entries(state.shown)) shown.set(id, conversation);
      queue.restore(state);
    },

    async verify(service) {
      const challenge = randomBytes(16).toString('hex');
      const answered = await poster.challenge(urlOf(service), challenge, switches.webhookDeadlineMs);
      service.status = answered ? 'active' : 'unverified';
      return answered;
    },

    close: () => queue.close(),
  };
}

function isMessage({ event }: Announcement): boolean {
  return event.startsWith('message.');
}

function conversationOf({ data }: Announcement): string | undefined {
  return isObject(data.conversation) ? String(data.conversation.id) : undefined;
}

function sign(secret: string, body: string): string {
  return `sha1=${createHmac('sha1', secret).update(body, 'utf8').digest('hex')}`;
}
