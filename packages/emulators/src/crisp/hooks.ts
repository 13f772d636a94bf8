import { randomBytes, randomUUID } from 'node:crypto';
import type { Chaos } from '../chaos.js';
import { type DeliveryKind, DeliveryQueue, type QueueState } from '../delivery-queue.js';
import { type JsonObject, snapshot } from '../json.js';
import { createPoster } from '../post.js';
import type { Delivery, HookDelivery, StoredDelivery } from './hook-delivery.js';
import { hookBytes, signHook } from './hook-signature.js';
import { type HookSubscription, isWanted } from './hook-subscription.js';
import type { Announcement, Platform } from './platform.js';

export interface Hooks {
  readonly subscriptions: readonly HookSubscription[];
  /** The latest attempts, oldest first. */
  readonly deliveries: readonly HookDelivery[];
  /** Deliveries that are queued, in flight, or waiting for a retry. */
  readonly pending: number;
  /** Resolves when nothing is queued, in flight, or waiting for a retry on the emulator's clock. */
  settled(): Promise<void>;
  /** Resolves when nothing is queued or in flight; retries may be waiting for the clock. */
  idle(): Promise<void>;
  /** May be replaced at any time; a new seed starts its sequence anew. `stale` has no meaning here. */
  chaos: Chaos;
}

/** What is yet to be told, to whom, and how chaos goes on. */
export interface HooksState extends QueueState<HookDelivery, StoredDelivery> {
  subscriptions: HookSubscription[];
}

export interface HookQueue extends Hooks {
  state(): HooksState;
  /** Goes on: what was under way is sent again, retries follow when they are due. */
  restore(state: HooksState): void;
  /** Throws a TypeError for an id that is none. */
  move(id: string, url: string): HookSubscription;
  subscribe(subscription: Omit<HookSubscription, 'id'>): HookSubscription;
  unsubscribe(id: string): boolean;
  announce(announcement: Announcement): void;
  close(): void;
}

/** `save` is called before a hook leaves. */
export function createHooks(platform: Platform, save: () => void = () => undefined): HookQueue {
  const { clock, switches } = platform;
  const poster = createPoster(clock);
  const subscriptions = new Map<string, HookSubscription>();
  const hookHash = randomBytes(8).toString('hex');

  const limitOf = ({ kind }: HookSubscription) =>
    kind === 'plugin' ? switches.hookAttempts : switches.websiteHookAttempts;

  const headersOf = (delivery: Delivery, bytes: string, forged: boolean): Record<string, string> => {
    const { subscription, attempt, firstAt = clock.now() } = delivery;
    const timestamp = String(switches.hookRetryTimestamp === 'first' ? firstAt : clock.now());
    const secret = forged ? randomBytes(20).toString('hex') : subscription.secret;
    return {
      'content-type': 'application/json',
      'x-crisp-hook-origin': `${subscription.kind}/rtm ${hookHash} production`,
      'x-crisp-request-timestamp': timestamp,
      ...(secret !== undefined && { 'x-crisp-signature': signHook(secret, timestamp, bytes) }),
      'x-delivery-attempt-count': String(attempt),
      'x-delivery-attempt-limit': String(limitOf(subscription)),
    };
  };

  const kind: DeliveryKind<Delivery, HookDelivery, StoredDelivery> = {
    lane: ({ subscription, lane }) => `${subscription.id} ${lane}`,
    orderMs: () => switches.hookOrderMs,
    isWanted: ({ subscription }) => subscriptions.has(subscription.id),
    canForge: ({ subscription }) => subscription.secret !== undefined,
    post(delivery, forged) {
      delivery.firstAt ??= clock.now();
      const bytes = hookBytes(delivery.body, switches.hookBody);
      const headers = headersOf(delivery, bytes, forged);
      save();
      return poster.post(delivery.subscription.url, bytes, headers, switches.hookDeadlineMs);
    },
    log: ({ subscription, body, attempt }, status, note) => {
      const { fingerprint } = body.data as JsonObject;
      return {
        event: String(body.event),
        ...(typeof fingerprint === 'number' && { fingerprint }),
        subscription: subscription.id,
        url: subscription.url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*/s, ''),
        attempt,
        status,
        at: clock.iso(),
        ...(note !== undefined && { note }),
      };
    },
    pauseAfter: ({ subscription, attempt }) =>
      attempt >= limitOf(subscription) ? undefined : switches.hookRetryFirstMs * 2 ** (attempt - 1),
    again: (delivery) => delivery,
    toStored: ({ subscription, ...rest }) => ({ ...rest, subscription: subscription.id }),
    fromStored({ subscription: id, ...rest }) {
      const subscription = subscriptions.get(id);
      return subscription && { ...rest, subscription };
    },
  };
  const queue = new DeliveryQueue(kind, clock, poster);

  return {
    get subscriptions() {
      return [...subscriptions.values()];
    },
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
    subscribe(given) {
      const subscription = { id: randomUUID(), ...given };
      subscriptions.set(subscription.id, subscription);
      return subscription;
    },
    unsubscribe: (id) => subscriptions.delete(id),
    move(id, url) {
      const subscription = subscriptions.get(id);
      if (subscription === undefined) throw new TypeError('no hook has this id');
      subscription.url = url;
      return subscription;
    },
    state: () => ({ ...queue.state(), subscriptions: [...subscriptions.values()] }),
    restore(state) {
      for (const subscription of state.subscriptions) subscriptions.set(subscription.id, subscription);
      queue.restore(state);
    },
    announce(announcement) {
      const { event, websiteId, data } = announcement;
      const body: JsonObject = {
        ...(websiteId !== undefined && { website_id: websiteId }),
        event,
        data: snapshot(data),
        timestamp: clock.now(),
      };
      for (const subscription of subscriptions.values()) {
        if (!isWanted(platform, subscription, announcement)) continue;
        const lane = String(data.session_id ?? randomUUID());
        queue.enqueue({ subscription, body, lane, attempt: 1, fate: queue.fate() });
      }
    },
    close: () => queue.close(),
  };
}
