import { randomBytes, randomUUID } from 'node:crypto';
import { type Chaos, createDice, type Dice } from '../chaos.js';
import type { ClockTimer } from '../clock.js';
import { type JsonObject, snapshot } from '../json.js';
import { createPoster } from '../post.js';
import { type Delivery, type HookDelivery, type StoredDelivery, stored } from './hook-delivery.js';
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
export interface HooksState {
  subscriptions: HookSubscription[];
  deliveries: HookDelivery[];
  underWay: StoredDelivery[];
  /** Retries, with the moment they are due, epoch milliseconds. */
  waiting: { at: number; delivery: StoredDelivery }[];
  chaos: Chaos;
  dice: number;
  order: number;
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

const LOG_SIZE = 10_000;
const MOST_WAITING = 10_000;
const REORDER_FLUSH_MS = 50;

/** `save` is called before a hook leaves. */
export function createHooks(platform: Platform, save: () => void = () => undefined): HookQueue {
  const { clock, switches } = platform;
  const poster = createPoster(clock);
  const subscriptions = new Map<string, HookSubscription>();
  const lanes = new Map<string, Promise<void>>();
  const underWay = new Set<Delivery>();
  const waiting = new Map<Delivery, { at: number; timer: ClockTimer }>();
  const watchers = new Set<() => void>();
  const hookHash = randomBytes(8).toString('hex');
  let deliveries: HookDelivery[] = [];
  let held: Delivery[] = [];
  let flushing: ClockTimer | undefined;
  let chaos: Chaos = {};
  let dice: Dice = createDice(1);
  let order: Dice = createDice(1);
  let busy = 0;

  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const until = (quiet: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!quiet()) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
  const idle = () => busy === 0 && held.length === 0;

  const record = ({ subscription, body, attempt }: Delivery, status: number, note?: string) => {
    const { fingerprint } = body.data as JsonObject;
    deliveries.push({
      event: String(body.event),
      ...(typeof fingerprint === 'number' && { fingerprint }),
      subscription: subscription.id,
      url: subscription.url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*/s, ''),
      attempt,
      status,
      at: clock.iso(),
      ...(note !== undefined && { note }),
    });
    if (deliveries.length > LOG_SIZE * 2) deliveries = deliveries.slice(-LOG_SIZE);
  };

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

  const attempt = async (delivery: Delivery): Promise<void> => {
    const { subscription, fate } = delivery;
    const first = delivery.attempt === 1;
    delivery.firstAt ??= clock.now();
    if (first && fate.drop) {
      underWay.delete(delivery);
      record(delivery, 0, 'lost on the way');
      return retry(delivery);
    }
    const bytes = hookBytes(delivery.body, switches.hookBody);
    const forged = first && fate.badSignature && subscription.secret !== undefined;
    const headers = headersOf(delivery, bytes, forged);
    save();
    const answer = await poster.post(subscription.url, bytes, headers, switches.hookDeadlineMs);
    // In one step with what comes of it: a snapshot has a delivery once.
    underWay.delete(delivery);
    if (first && answer.status > 0 && fate.dropAnswer) {
      record(delivery, 0, 'answer lost on the way');
      return retry(delivery);
    }
    record(delivery, answer.status, forged ? 'wrong signature' : answer.problem);
    if (answer.status < 200 || answer.status > 299) return retry(delivery);
    if (fate.duplicate) launch({ ...delivery, fate: { ...fate, duplicate: false } });
  };

  const retry = (delivery: Delivery): void => {
    if (delivery.attempt >= limitOf(delivery.subscription) || waiting.size >= MOST_WAITING) return;
    const pause = switches.hookRetryFirstMs * 2 ** (delivery.attempt - 1);
    repeatAt(clock.now() + pause, { ...delivery, attempt: delivery.attempt + 1 });
  };

  const repeatAt = (at: number, delivery: Delivery): void => {
    const timer = clock.after(at - clock.now(), () => {
      waiting.delete(delivery);
      launch(delivery);
    });
    waiting.set(delivery, { at, timer });
  };

  const launch = (delivery: Delivery): void => {
    busy += 1;
    underWay.add(delivery);
    // A retry has lost its place in the order.
    const lane = delivery.attempt === 1 ? `${delivery.subscription.id} ${delivery.lane}` : randomUUID();
    const turn = lanes.get(lane) ?? Promise.resolve();
    const done = turn
      .then(() => (subscriptions.has(delivery.subscription.id) ? attempt(delivery) : undefined))
      .finally(() => {
        busy -= 1;
        underWay.delete(delivery);
        changed();
      });
    const released = turn.then(() => Promise.race([done, poster.pause(switches.hookOrderMs)]));
    lanes.set(lane, released);
    void released.finally(() => {
      if (lanes.get(lane) === released) lanes.delete(lane);
    });
  };

  const flush = () => {
    flushing?.cancel();
    flushing = undefined;
    const group = order.shuffle(held);
    held = [];
    // Each in a lane of its own: what was shuffled stays shuffled.
    for (const delivery of group) launch({ ...delivery, lane: randomUUID() });
    changed();
  };

  const enqueue = (delivery: Delivery) => {
    const window = chaos.reorder ?? 0;
    if (window < 2) return launch(delivery);
    held.push(delivery);
    if (held.length >= window) return flush();
    flushing ??= clock.after(REORDER_FLUSH_MS, flush);
  };

  return {
    get subscriptions() {
      return [...subscriptions.values()];
    },
    get deliveries() {
      return deliveries.slice(-LOG_SIZE);
    },
    get pending() {
      return busy + held.length + waiting.size;
    },
    settled: () => until(() => idle() && waiting.size === 0),
    idle: () => until(idle),
    get chaos() {
      return chaos;
    },
    set chaos(next) {
      chaos = { ...next };
      dice = createDice(next.seed ?? 1);
      order = createDice(next.seed ?? 1);
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
    state: () => ({
      subscriptions: [...subscriptions.values()],
      deliveries: deliveries.slice(-LOG_SIZE),
      underWay: [...underWay, ...held].map(stored),
      waiting: [...waiting].map(([delivery, { at }]) => ({ at, delivery: stored(delivery) })),
      chaos,
      dice: dice.state,
      order: order.state,
    }),
    restore(state) {
      for (const subscription of state.subscriptions) subscriptions.set(subscription.id, subscription);
      deliveries = [...state.deliveries];
      chaos = state.chaos;
      dice = createDice(state.dice);
      order = createDice(state.order);
      const known = ({ subscription: id, ...rest }: StoredDelivery): Delivery[] => {
        const subscription = subscriptions.get(id);
        return subscription === undefined ? [] : [{ ...rest, subscription }];
      };
      for (const delivery of state.underWay.flatMap(known)) launch(delivery);
      for (const { at, delivery } of state.waiting) for (const one of known(delivery)) repeatAt(at, one);
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
        const fate = {
          drop: dice.chance(chaos.drop),
          badSignature: dice.chance(chaos.badSignature),
          dropAnswer: dice.chance(chaos.dropAnswer),
          duplicate: dice.chance(chaos.duplicate),
        };
        enqueue({ subscription, body, lane: String(data.session_id ?? randomUUID()), attempt: 1, fate });
      }
    },
    close() {
      flushing?.cancel();
      for (const { timer } of waiting.values()) timer.cancel();
      waiting.clear();
      held = [];
      poster.close();
      changed();
    },
  };
}
