import type { Log, Message } from '@parley/core';
import { readAddress } from './address.js';
import type { BroadcastBot, IncomingTurn } from './broadcast-bot.js';
import { isEndingWord, OPT_OUT_WORDS, readerOf, type WordReader } from './opt-out-words.js';
import { addressesNow, reachedOf } from './person.js';
import type { StateAccess } from './state-access.js';
import type { Suppressions } from './suppressions.js';

/** How people say that they want no more campaigns. */
export interface OptOutOptions {
  /**
   * Messages that consist of one of these, whatever its case, accents and punctuation, and with or without a "please". Default:
   * `OPT_OUT_WORDS`; and, typed by somebody who answers a campaign, "cancel", "end" and "quit".
   */
  words?: readonly string[];
  /**
   * What the person is told once they are on the suppression list. Then the message is answered, and no handler gets it. Default: nothing,
   * and handlers run.
   */
  answer?: string;
}

/** Hears opt-outs on every account of the bot. */
export class OptOut {
  readonly #bot: BroadcastBot;
  readonly #state: StateAccess;
  readonly #suppressions: Suppressions;
  readonly #isWord: WordReader;
  readonly #isAnswerWord: WordReader;
  readonly #answer: string | undefined;
  readonly #log: Log;

  constructor(
    bot: BroadcastBot,
    state: StateAccess,
    suppressions: Suppressions,
    log: Log,
    { words, answer }: OptOutOptions,
  ) {
    this.#bot = bot;
    this.#state = state;
    this.#suppressions = suppressions;
    this.#log = log;
    this.#isWord = readerOf(words ?? OPT_OUT_WORDS);
    this.#isAnswerWord = words === undefined ? isEndingWord : () => false;
    this.#answer = answer;
  }

  /**
   * True if the message was an opt-out and is answered.
   *
   * @throws what the provider says if it cannot be asked whose message it is: the turn is tried again
   */
  async hear(turn: IncomingTurn): Promise<boolean> {
    const { event, message, conversationId, adapter } = turn;
    if (event.name !== 'message.received' || message?.author.role !== 'contact') return false;
    if (!this.#isOptOut(turn, message)) return false;
    // What is known without asking counts in any case.
    await this.#list(await reachedOf(this.#state, turn));
    if ((await this.#list(await addressesNow(this.#state, turn))) === 0) {
      const { account, id } = event;
      this.#log.warn({ account, event: id }, NOBODY);
      return false;
    }
    if (this.#answer === undefined || conversationId === undefined) return false;
    if (adapter.messages === undefined) return false;
    await this.#bot.say(conversationId, this.#answer, { key: `opt-out:${event.id}` });
    return true;
  }

  #isOptOut({ text, choice }: IncomingTurn, { attribution }: Message): boolean {
    if (this.#isWord(text)) return true;
    // Whoever presses "Cancel" means what the bot has asked.
    return attribution !== undefined && choice === undefined && this.#isAnswerWord(text);
  }

  /** Returns how many are on the list. What a provider calls an identity need not be an address that a campaign could write to. */
  async #list(addresses: readonly string[]): Promise<number> {
    const known = addresses.filter((address) => 'value' in readAddress(address));
    if (known.length > 0) await this.#suppressions.addAll(known, 'opted_out');
    return known.length;
  }
}

const NOBODY =
  'Somebody opted out of whom no address is known, neither phone number nor e-mail address: nothing could be listed, and nothing was answered';
