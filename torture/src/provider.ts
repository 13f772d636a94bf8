import { createHmac, randomUUID } from 'node:crypto';
import { type Consumer, type Message, startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { captureWebhooks, type WebhookCapture } from '@parley/testing';
import { createDice } from './dice.js';
import { planOutages, RETRY_AFTER_MS, throwFault } from './faults.js';
import type { TortureOptions } from './options.js';
import { toText, type Written } from './words.js';

/** What the account may send, times this, is what the provider takes in any second: the machine is busy, and what left evenly may arrive in heaps. */
const PROVIDER_PATIENCE = 2;
/** Enough of them in a short run as well. */
const LEAST_429 = 6;
const RARE_429 = 0.004;
/** Node's timers may fire this much early. */
const EARLY_MS = 20;

/** A body that the provider wants delivered. */
export interface Webhook {
  body: Buffer;
  headers: Record<string, string>;
}

/** In epoch milliseconds. */
export interface Period {
  from: number;
  to: number;
}

/** A Web1on1 that fails, with the people who write to it. */
export class Provider {
  readonly emulator: Web1on1Emulator;
  readonly #capture: WebhookCapture;
  readonly #people: Consumer[];
  readonly #caught = new Map<string, (body: string) => void>();
  readonly #seen: number[];
  readonly faults: Record<string, number> = {};
  /** Requests sent in a conversation before the time that a 429 there had asked for. */
  impatient = 0;
  #stored = new Map<string, Message[]>();
  readonly #quietUntil = new Map<string, number>();

  constructor(emulator: Web1on1Emulator, capture: WebhookCapture, people: Consumer[]) {
    this.emulator = emulator;
    this.#capture = capture;
    this.#people = people;
    this.#seen = people.map(() => 0);
    void this.#catchAll();
  }

  conversationId(conversation: number): string {
    return this.#person(conversation).conversationId;
  }

  /** Somebody writes; resolves with the body of the webhook that tells of it. */
  write(written: Written): Promise<string> {
    return new Promise((resolve) => {
      const { id } = this.#person(written.conversation).say(toText(written));
      this.#caught.set(id, resolve);
    });
  }

  /** The body as one more attempt to deliver it: another id, another signature. */
  attempt(body: string): Webhook {
    const fresh = { ...(JSON.parse(body) as object), id: randomUUID(), timestamp: new Date().toISOString() };
    const bytes = Buffer.from(JSON.stringify(fresh));
    const signature = createHmac('sha1', this.emulator.credentials.secret).update(bytes).digest('hex');
    return {
      body: bytes,
      headers: { 'content-type': 'application/json', 'x-hub-signature': `sha1=${signature}` },
    };
  }

  /** What the bot has said since the last call. */
  news(): Message[] {
    return this.#people.flatMap((person, index) => {
      const fresh = person.received.slice(this.#seen[index]);
      this.#seen[index] = person.received.length;
      return fresh;
    });
  }

  /** All that the bot has said in a conversation, in the order in which it was stored. */
  said(conversationId: string): readonly Message[] {
    return this.#stored.get(conversationId) ?? [];
  }

  /** Reads what the bot has said from the provider's store. */
  read(): void {
    const said = this.emulator.messages.list().filter(({ role }) => role !== 'contact');
    this.#stored = Map.groupBy(said, ({ conversation }) => conversation);
  }

  /**
   * Requests refused because the account sent too much, as opposed to those refused by our dice. `but`: not those of these
   * times.
   */
  overLimit(but: readonly Period[]): number {
    const refused = this.emulator.journal.entries.filter(
      ({ status, fault }) => status === 429 && fault === undefined,
    );
    const isExcepted = (at: number): boolean => but.some(({ from, to }) => at >= from && at <= to);
    return refused.filter(({ at }) => !isExcepted(Date.parse(at))).length;
  }

  /** From now on dice decide about every request. `lostSight`: a process died, and with it may have what it was told to wait for. */
  fail({ seed, messages }: TortureOptions): { lostSight(): void } {
    const dice = createDice(seed, 'faults');
    const outages = planOutages(createDice(seed, 'outages'));
    const tooMany = Math.max(RARE_429, LEAST_429 / messages);
    // The emulator asks for the fault of each request: the dice answer in place of a list.
    this.emulator.faults.take = (method, path) => {
      const conversation =
        method === 'POST' ? /^\/v2\/conversations\/(\w+)\/messages$/.exec(path)?.[1] : undefined;
      const now = performance.now();
      if (conversation !== undefined && now < (this.#quietUntil.get(conversation) ?? 0)) this.impatient += 1;
      const outage = outages(now);
      const fault = outage ?? throwFault(dice, conversation !== undefined, tooMany);
      if (fault === undefined) return undefined;
      const kind = outage === undefined ? `${fault.kind} ${fault.status ?? ''}`.trim() : 'out of order';
      this.faults[kind] = (this.faults[kind] ?? 0) + 1;
      if (fault.status === 429 && conversation !== undefined)
        this.#quietUntil.set(conversation, now + RETRY_AFTER_MS - EARLY_MS);
      return fault;
    };
    return { lostSight: () => this.#quietUntil.clear() };
  }

  /** Serves every request again. */
  heal(): void {
    this.emulator.faults.take = () => undefined;
  }

  async close(): Promise<void> {
    await this.#capture.close();
    await this.emulator.close();
  }

  #person(conversation: number): Consumer {
    return this.#people[conversation] as Consumer;
  }

  async #catchAll(): Promise<void> {
    try {
      for (;;) {
        const body = Buffer.from((await this.#capture.next()).body).toString('utf8');
        const { data } = JSON.parse(body) as { data: { message: { id: string } } };
        this.#caught.get(data.message.id)?.(body);
        this.#caught.delete(data.message.id);
      }
    } catch {
      // Closed: no webhook is waited for any more.
    }
  }
}

export async function startProvider(options: TortureOptions): Promise<Provider> {
  const { conversations, messages, rate } = options;
  const emulator = await startWeb1on1({
    selfEcho: false,
    rateLimit: { perSecond: Math.ceil(rate * PROVIDER_PATIENCE) },
    journalSize: 10 * messages + 10_000,
  });
  const capture = await captureWebhooks();
  const people: Consumer[] = [];
  for (let index = 0; index < conversations; index += 1) {
    const telephone = `+316${String(index).padStart(8, '0')}`;
    people.push(await emulator.contact({ telephone, name: `Person ${index}`, channel: 'whatsapp' }));
  }
  await emulator.subscribe({ url: capture.url, events: ['message.create.contact.chat'] });
  return new Provider(emulator, capture, people);
}
