import type { Log } from '@parley/core';
import { readAddress } from './address.js';
import type { BroadcastBot, IncomingTurn } from './broadcast-bot.js';
import { addressesNow, reachedOf } from './person.js';
import type { StateAccess } from './state-access.js';
import type { Suppressions } from './suppressions.js';

/** How people say that they want no more campaigns. */
export interface OptOutOptions {
  /** Messages that consist of one of these, whatever its case, accents and punctuation. Default: `OPT_OUT_WORDS`. */
  words?: readonly string[];
  /**
   * What the person is told once they are on the suppression list. Then the message is answered, and no handler gets it. Default: nothing,
   * and handlers run.
   */
  answer?: string;
}

const WORDS_BY_LANGUAGE = {
  en: 'stop, stop all, unsubscribe, opt out, optout',
  nl: 'afmelden, uitschrijven',
  de: 'abmelden, abbestellen, stopp',
  fr: 'arrêt, arrêter, désabonner, désinscrire',
  es: 'baja, parar, cancelar suscripción',
  it: 'annulla iscrizione, disiscrivimi, cancellami',
  pt: 'sair, descadastrar, cancelar inscrição',
  da: 'afmeld, frameld',
  nb: 'avslutt, meld av',
  sv: 'avsluta, avregistrera',
  fi: 'lopeta, peruuta',
  pl: 'wypisz, rezygnuję',
  cs: 'odhlásit',
  hu: 'leiratkozás',
  ro: 'dezabonare',
  tr: 'iptal',
  el: 'διακοπή',
  uk: 'стоп, відписатися',
  ru: 'отписаться',
};

/** What an opt-out is in the languages most campaigns are written in. */
export const OPT_OUT_WORDS: readonly string[] = Object.values(WORDS_BY_LANGUAGE).flatMap((words) =>
  words.split(', '),
);

/** Hears opt-outs on every account of the bot. */
export class OptOut {
  readonly #bot: BroadcastBot;
  readonly #state: StateAccess;
  readonly #suppressions: Suppressions;
  readonly #words: ReadonlySet<string>;
  readonly #answer: string | undefined;
  readonly #log: Log;

  constructor(
    bot: BroadcastBot,
    state: StateAccess,
    suppressions: Suppressions,
    log: Log,
    { words = OPT_OUT_WORDS, answer }: OptOutOptions,
  ) {
    this.#bot = bot;
    this.#state = state;
    this.#suppressions = suppressions;
    this.#log = log;
    this.#words = new Set(words.map(plain));
    this.#answer = answer;
  }

  /**
   * True if the message was an opt-out and is answered.
   *
   * @throws what the provider says if it cannot be asked whose message it is: the turn is tried again
   */
  async hear(turn: IncomingTurn): Promise<boolean> {
    const { event, message, conversationId, text, adapter } = turn;
    if (event.name !== 'message.received' || message?.author.role !== 'contact') return false;
    if (!this.#words.has(plain(text))) return false;
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

  /** Returns how many are on the list. What a provider calls an identity need not be an address that a campaign could write to. */
  async #list(addresses: readonly string[]): Promise<number> {
    const known = addresses.filter((address) => 'value' in readAddress(address));
    if (known.length > 0) await this.#suppressions.addAll(known, 'opted_out');
    return known.length;
  }
}

const NOBODY =
  'Somebody opted out of whom no address is known, neither phone number nor e-mail address: nothing could be listed, and nothing was answered';

/** Lower case, without accents, punctuation and signs. */
function plain(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return bare.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
