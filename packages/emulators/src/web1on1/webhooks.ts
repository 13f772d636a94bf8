import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { type Chaos, createDice, type Dice } from '../chaos.js';
import type { ClockTimer } from '../clock.js';
import { createPoster } from '../post.js';
import { type Announcement, announceRecord, homeOf, type Platform } from './platform.js';
import { ApiError, isObject, type JsonObject, snapshot, type Web1on1Record } from './records.js';

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

const LOG_SIZE = 10_000;
/** Retries kept for receivers that are away; what comes on top is given up. */
const MOST_WAITING = 10_000;
const REORDER_FLUSH_MS = 50;

interface Delivery {
  service: Web1on1Record;
  announcement: Announcement;
  /** UUID of the event, the same for every subscription. */
  eventId: string;
  firstAt: number;
  attempt: number;
  stale?: JsonObject;
  fate: Fate;
}

/** What chaos does to a delivery: decided when it is announced, so that timing does not change the dice. */
interface Fate {
  drop: boolean;
  badSignature: boolean;
  dropAnswer: boolean;
  duplicate: boolean;
}

export function createWebhooks(platform: Platform, log: { size?: number } = {}): Webhooks {
  const { clock, switches } = platform;
  const poster = createPoster(clock);
  const size = log.size ?? LOG_SIZE;
  const lanes = new Map<string, Promise<void>>();
  const shown = new Map<string, JsonObject>();
  const waiting = new Set<ClockTimer>();
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
    if (deliveries.length > size * 2) deliveries = deliveries.slice(-size);
  };

  const attempt = async (delivery: Delivery): Promise<void> => {
    const { service, fate } = delivery;
    const first = delivery.attempt === 1;
    if (first && fate.drop) {
      record(delivery, 0, 'lost on the way');
      return retry(delivery, 0);
    }
    const body = JSON.stringify(envelope(platform, delivery), null, switches.prettyWebhooks ? 2 : undefined);
    const forged = first && fate.badSignature;
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
    const timer = clock.after(pause, () => {
      waiting.delete(timer);
      launch({ ...delivery, attempt: delivery.attempt + 1 });
    });
    waiting.add(timer);
  };

  // A failure is not told to the one who failed, and a failure to tell of it is not told: either would never end.
  const giveUp = ({ service, announcement }: Delivery): void => {
    if (announcement.event === 'service.error') return;
    announceRecord(platform, 'services', 'error', service, `services/${service.id}`, { except: service.id });
  };

  const launch = (delivery: Delivery): void => {
    busy += 1;
    const conversation = conversationOf(delivery.announcement);
    // A retry has lost its place in the order.
    const lane =
      delivery.attempt === 1 && conversation !== undefined ? `${delivery.service.id} ${conversation}` : '';
    const turn = lane === '' ? undefined : lanes.get(lane);
    const done = (turn ?? Promise.resolve())
      .then(() => (platform.services.get(delivery.service.id) === undefined ? undefined : attempt(delivery)))
      .finally(() => {
        busy -= 1;
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
      return deliveries.slice(-size);
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

    async verify(service) {
      const challenge = randomBytes(16).toString('hex');
      const answered = await poster.challenge(urlOf(service), challenge, switches.webhookDeadlineMs);
      service.status = answered ? 'active' : 'unverified';
      return answered;
    },

    close() {
      flushing?.cancel();
      for (const timer of waiting) timer.cancel();
      waiting.clear();
      held = [];
      poster.close();
      changed();
    },
  };
}

/** Makes the parameters of a webhook complete: a missing secret is invented. */
export function webhookParams(params: unknown): JsonObject {
  if (!isObject(params) || typeof params.url !== 'string') throw new ApiError(400, 'params.url is required');
  if (!URL.canParse(params.url) || !/^https?:$/.test(new URL(params.url).protocol)) {
    throw new ApiError(400, 'params.url must be an http or https URL');
  }
  return {
    ...params,
    secret:
      typeof params.secret === 'string' && params.secret !== ''
        ? params.secret
        : randomBytes(20).toString('base64'),
  };
}

function isMessage({ event }: Announcement): boolean {
  return event.startsWith('message.');
}

function conversationOf({ data }: Announcement): string | undefined {
  return isObject(data.conversation) ? String(data.conversation.id) : undefined;
}

function paramsOf(service: Web1on1Record): JsonObject {
  return isObject(service.params) ? service.params : {};
}

const urlOf = (service: Web1on1Record) => String(paramsOf(service).url);
const secretOf = (service: Web1on1Record) => String(paramsOf(service).secret);

function sign(secret: string, body: string): string {
  return `sha1=${createHmac('sha1', secret).update(body, 'utf8').digest('hex')}`;
}

function isSubscribed(platform: Platform, service: Web1on1Record, announcement: Announcement): boolean {
  if (service.type !== 'webhook' || service.status !== 'active' || service.id === announcement.except)
    return false;
  const { author } = announcement;
  const writer = author === undefined ? undefined : platform.users.get(author);
  if (!platform.switches.selfEcho && writer !== undefined && homeOf(writer).role === 'bot') return false;
  const path = String(
    platform.organizations.get(announcement.organization)?.path ?? announcement.organization,
  );
  if (!path.split('#').includes(String(service.organization))) return false;
  const events = paramsOf(service).events;
  if (!Array.isArray(events) || events.length === 0) return true;
  return events.some((pattern) => eventMatches(String(pattern), announcement.event));
}

/** `*` stands for one word, and as the last word for the rest (developers.web1on1.chat, webhooks/subscribing). */
export function eventMatches(pattern: string, event: string): boolean {
  const wanted = pattern.split('.');
  const words = event.split('.');
  const open = wanted.at(-1) === '*';
  if (open ? words.length < wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, index) => word === '*' || word === words[index]);
}

const ACTIVITY_TYPES: ReadonlyMap<string, string> = new Map([
  ['create', 'Create'],
  ['update', 'Update'],
  ['delete', 'Delete'],
]);

/** The body of a webhook (developers.web1on1.chat, webhooks/payloads). */
function envelope(
  platform: Platform,
  { service, announcement, eventId, firstAt, stale, attempt }: Delivery,
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
