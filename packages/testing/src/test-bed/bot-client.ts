import { eventually } from '../eventually.js';

/** A message as the person sees it. */
export interface Seen {
  text: string;
  buttons: readonly { label: string; value: string }[];
}

/** A person's side of a conversation, whatever the provider. */
export interface Phone {
  says(text: string): void;
  presses(value: string): void;
  sends(url: string, mimeType: string): void;
  /** What reached the person, oldest first. */
  received(): readonly Seen[];
  /** True if nothing more can come unless the person does something, or time passes. */
  isQuiet(): Promise<boolean>;
}

/** A person who talks with your bot. Messages are expected in the order in which they arrive, and each once. */
export interface BotClient {
  /** Writes a text. Resolves at once: what the bot makes of it is for `expect` to see. */
  says(text: string): Promise<void>;
  /** Presses a button of the latest message that has it, by its label. */
  presses(label: string): Promise<void>;
  /** Sends a picture or a document, by its URL. */
  sends(url: string, mimeType: string): Promise<void>;
  /**
   * The next message says this: the whole text, or a part of it by RegExp. Fails as soon as the bot has nothing more to
   * do, with the conversation so far.
   */
  expect(words: string | RegExp): Promise<Seen>;
  /** The bot comes to rest, and no message has come that was not expected. */
  expectNothing(): Promise<void>;
  /** The conversation so far, as lines. */
  readonly transcript: string;
}

export interface BotClientOptions {
  /** In the transcript. Default `person`. */
  name?: string;
  /** How long a bot that is still busy is waited for. Default 4000. */
  timeoutMs?: number;
}

export function createBotClient(
  phone: Phone,
  { name = 'person', timeoutMs }: BotClientOptions = {},
): BotClient {
  const lines: string[] = [];
  let written = 0;
  let expected = 0;

  const keepUp = (): readonly Seen[] => {
    const received = phone.received();
    for (const seen of received.slice(written))
      lines.push(`${'bot'.padStart(name.length)} < ${asLine(seen)}`);
    written = received.length;
    return received;
  };
  const acts = (what: string): void => {
    keepUp();
    lines.push(`${name.padStart(3)} > ${what}`);
  };
  const failing = (problem: string): Error => {
    keepUp();
    return new Error(`${problem}\n\nThe conversation so far:\n${lines.join('\n') || '(nothing was said)'}`);
  };
  /** The next message nobody has expected; undefined once the bot has come to rest without one. */
  const next = (wanted: string): Promise<{ seen: Seen | undefined }> =>
    eventually(
      async () => {
        const quiet = await phone.isQuiet();
        const seen = keepUp()[expected];
        return seen !== undefined || quiet ? { seen } : undefined;
      },
      () => failing(`Expected ${wanted}, and the bot is still busy.`).message,
      timeoutMs,
    );

  return {
    async says(text) {
      acts(text);
      phone.says(text);
    },
    async presses(label) {
      const button = [...keepUp()]
        .reverse()
        .flatMap(({ buttons }) => buttons)
        .find((one) => one.label === label);
      if (button === undefined) throw failing(`There is no button "${label}" to press.`);
      acts(`[${label}]`);
      phone.presses(button.value);
    },
    async sends(url, mimeType) {
      acts(`(${mimeType}) ${url}`);
      phone.sends(url, mimeType);
    },
    async expect(words) {
      const wanted = typeof words === 'string' ? `"${words}"` : String(words);
      const { seen } = await next(wanted);
      if (seen === undefined) throw failing(`Expected ${wanted}, and nothing came.`);
      expected += 1;
      // A RegExp with the flag g or y remembers where it was.
      const fits = typeof words === 'string' ? seen.text === words : new RegExp(words).test(seen.text);
      if (!fits) throw failing(`Expected ${wanted}, and the next message was ${asLine(seen)}`);
      return seen;
    },
    async expectNothing() {
      await eventually(
        () => phone.isQuiet(),
        () => failing('Expected nothing more, and the bot is still busy.').message,
        timeoutMs,
      );
      const seen = keepUp()[expected];
      if (seen !== undefined) throw failing(`Expected nothing more, and there came ${asLine(seen)}`);
    },
    get transcript() {
      keepUp();
      return lines.join('\n');
    },
  };
}

function asLine({ text, buttons }: Seen): string {
  return [text, ...buttons.map(({ label }) => `[${label}]`)].join(' ');
}
