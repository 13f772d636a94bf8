import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { type Chaos, createDice, type Dice } from '../chaos.js';
import type { ClockTimer } from '../clock.js';
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

const LOG_SIZE = 10_000;
/** Retries kept for receivers that are away; what comes on top is given up. */
const MOST_WAITING = 10_000;
const REORDER_FLUSH_MS = 50;

interface Delivery extends Enveloped {
  fate: Fate;
}

/** A delivery as a snapshot has it: the subscription by its id. */
type StoredDelivery = Omit<Delivery, 'service'> & { service: string };

/** What is yet to be told, and how chaos goes on. */
export interface WebhooksState {
  deliveries: WebhookDelivery[];
  underWay: StoredDelivery[];
  /** Retries, with the moment they are due, epoch milliseconds. */
  waiting: { at: number; delivery: StoredDelivery }[];
  /** The conversations as subscribers saw them last, by id. */
  shown: Record<string, JsonObject>;
  chaos: Chaos;
  dice: number;
  order: number;
}

/** What chaos does to a delivery: decided when it is announced, so that timing does not change the dice. */
interface Fate {
  drop: boolean;
  badSignature: boolean;
  dropAnswer: boolean;
  duplicate: boolean;
}

/** `save` is called before a webhook leaves. */
export function createWebhooks(platform: Platform, save: () => void = () => {}): WebhookQueue {
  const { clock, switches } = platform;
  const poster = createPoster(clock);
  const underWay = new Set<Delivery>();
  const lanes = new Map<string, Promise<void>>();
  const shown = new Map<string, JsonObject>();
  const waiting = new Map<Delivery, { at: number; timer: ClockTimer }>();
  const watchers = new Set<() => void>();
  let deliveries: WebhookDelivery[] = [];
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

  const record = (delivery: Delivery, status: number, note?: string) => {
    const { service, announcement, attempt } = delivery;
    const message = announcement.data.message;
    deliveries.push({
      event: announcement.event,
      ...(isObject(message) && { messageId: String(message.id) }),
      service: service.id,
      url: urlOf(service).replace(/\/\/[^/@]*@/, '//'),
      attempt,
      status,
      at: clock.iso(),
      ...(note !== undefined && { note }),
    });
    if (deliveries.length > LOG_SIZE * 2) deliveries = deliveries.slice(-LOG_SIZE);
  };

  const attempt = async (delivery: Delivery): Promise<void> => {
    const { service, fate } = delivery;
    const first = delivery.attempt === 1;
    if (first && fate.drop) {
      underWay.delete(delivery);
      record(delivery, 0, 'lost on the way');
      return retry(delivery, 0);
    }
    const body = JSON.stringify(envelope(platform, delivery), null, switches.prettyWebhooks ? 2 : undefined);
    const forged = first && fate.badSignature;
    save();
    const answer = await poster.post(
      urlOf(service),
      body,
      {
        'content-type': 'application/json',
        'user-agent': 'web1on1-emulator',
        'x-hub-signature': sign(forged ? randomBytes(20).toString('hex') : secretOf(service), body),
      },
      switches.webhookDeadlineMs,
    );
    // In one step with what comes of it: a snapshot has a delivery once.
    underWay.delete(delivery);
    if (first && answer.status > 0 && fate.dropAnswer) {
      record(delivery, 0, 'answer lost on the way');
      return retry(delivery, 0);
    }
    record(delivery, answer.status, forged ? 'wrong signature' : answer.problem);
    if (answer.status < 200 || answer.status > 299) return retry(delivery, answer.status);
    if (!fate.duplicate) return;
    launch({ ...delivery, attempt: delivery.attempt + 1, fate: { ...fate, duplicate: false } });
  };

  const retry = (delivery: Delivery, status: number): void => {
    const pause = Math.min(
      switches.webhookRetryFirstMs * 2 ** (delivery.attempt - 1),
      Math.max(switches.webhookRetryMaxMs, 1),
    );
    const tooLate = clock.now() + pause > delivery.firstAt + switches.webhookRetryForMs;
    if (switches.webhookFinalStatuses.includes(status) || tooLate || waiting.size >= MOST_WAITING) {
      return giveUp(delivery);
    }
    repeatAt(clock.now() + pause, { ...delivery, attempt: delivery.attempt + 1 });
  };

  const repeatAt = (at: number, delivery: Delivery): void => {
    const timer = clock.after(at - clock.now(), () => {
      waiting.delete(delivery);
      launch(delivery);
    });
    waiting.set(delivery, { at, timer });
  };

  // A failure is not told to the one who failed, and a failure to tell of it is not told: either would never end.
  const giveUp = ({ service, announcement }: Delivery): void => {
    if (announcement.event === 'service.error') return;
    announceRecord(platform, 'services', 'error', service, `services/${service.id}`, { except: service.id });
  };

  const launch = (delivery: Delivery): void => {
    busy += 1;
    underWay.add(delivery);
    const conversation = conversationOf(delivery.announcement);
    // A retry has lost its place in the order.
    const lane =
      delivery.attempt === 1 && conversation !== undefined ? `${delivery.service.id} ${conversation}` : '';
    const turn = lane === '' ? undefined : lanes.get(lane);
    const done = (turn ?? Promise.resolve())
      .then(() => (platform.services.get(delivery.service.id) === undefined ? undefined : attempt(delivery)))
      .finally(() => {
        busy -= 1;
        underWay.delete(delivery);
        changed();
      });
    if (lane === '') return;
    const released = (turn ?? Promise.resolve()).then(() =>
      Promise.race([done, poster.pause(switches.webhookOrderMs)]),
    );
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
    for (const delivery of group) launch(delivery);
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

    announce(announcement) {
      const services = platform.services
        .list()
        .filter((service) => isSubscribed(platform, service, announcement));
      if (services.length === 0) return;
      const frozen = { ...announcement, data: snapshot(announcement.data) };
      const eventId = randomUUID();
      const conversation = conversationOf(frozen);
      for (const service of services) {
        const stale = conversation !== undefined && isMessage(frozen) && dice.chance(chaos.stale);
        enqueue({
          service,
          announcement: frozen,
          eventId,
          firstAt: clock.now(),
          attempt: 1,
          fate: {
            drop: dice.chance(chaos.drop),
            badSignature: dice.chance(chaos.badSignature),
            dropAnswer: dice.chance(chaos.dropAnswer),
            duplicate: dice.chance(chaos.duplicate),
          },
          ...(stale && { stale: shown.get(conversation) }),
        });
      }
      if (conversation !== undefined && isObject(frozen.data.conversation)) {
        shown.set(conversation, frozen.data.conversation);
      }
    },

    state: () => ({
      deliveries: deliveries.slice(-LOG_SIZE),
      underWay: [...underWay, ...held].map(stored),
      waiting: [...waiting].map(([delivery, { at }]) => ({ at, delivery: stored(delivery) })),
      shown: Object.fromEntries(shown),
      chaos,
      dice: dice.state,
      order: order.state,
    }),

    restore(state) {
      deliveries = [...state.deliveries];
      chaos = state.chaos;
      dice = createDice(state.dice);
      order = createDice(state.order);
      for (const [id, conversation] of Object.entries(state.shown)) shown.set(id, conversation);
      const withService = ({ service: id, ...rest }: StoredDelivery): Delivery[] => {
        const service = platform.services.get(id);
        return service === undefined ? [] : [{ ...rest, service }];
      };
      for (const delivery of state.underWay.flatMap(withService)) launch(delivery);
      for (const { at, delivery } of state.waiting) {
        for (const each of withService(delivery)) repeatAt(at, each);
      }
    },

    async verify(service) {
      const challenge = randomBytes(16).toString('hex');
      const answered = await poster.challenge(urlOf(service), challenge, switches.webhookDeadlineMs);
      service.status = answered ? 'active' : 'unverified';
      return answered;
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

function stored({ service, ...rest }: Delivery): StoredDelivery {
  return { ...rest, service: service.id };
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
