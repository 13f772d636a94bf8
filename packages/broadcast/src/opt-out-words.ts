const WORDS_BY_LANGUAGE = {
  en: 'stop, stop all, stopall, stop it, stop messages, stop sending messages, unsubscribe, unsubscribe me, opt out, optout, opt me out, remove me',
  nl: 'afmelden, uitschrijven',
  af: 'staak, uitteken, teken uit, meld af, skryf uit, uitskryf, hou op',
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
  ar: 'إيقاف, أوقف, توقف, قف, إلغاء الاشتراك, الغاء اشتراك',
  he: 'הסר, הסרה, להסיר, הסירו אותי, הסר אותי, הסירוני, עצור, הפסק',
  hi: 'रोकें, रोको, रोक दें, बंद करें, बंद करो, स्टॉप, अनसब्सक्राइब, सदस्यता रद्द करें',
  zh: '退订, 退訂, 取消订阅, 取消訂閱, 停止, 停止发送, 停止發送',
};

/** They end other things, too. */
const ENDING_WORDS = 'cancel, end, quit';

/** What stands before or after such a word and changes nothing. */
const POLITE =
  'please, pls, plz, aub, alstublieft, alsjeblieft, asseblief, bitte, svp, s il vous plaît, por favor, per favore, proszę, пожалуйста, من فضلك, בבקשה, कृपया, 请, 請';

/** What an opt-out is in the languages most campaigns are written in, wherever it is said. */
export const OPT_OUT_WORDS: readonly string[] = Object.values(WORDS_BY_LANGUAGE).flatMap(listed);

/** Knows whether a whole message is one of some words. */
export type WordReader = (text: string) => boolean;

export function readerOf(words: readonly string[]): WordReader {
  const known = new Set(words.map(plain));
  return (text) => {
    const said = plain(text);
    return known.has(said) || known.has(said.replace(POLITELY, ''));
  };
}

export const isEndingWord: WordReader = readerOf(listed(ENDING_WORDS));

const POLITELY = new RegExp(
  listed(POLITE)
    .map(plain)
    .flatMap((word) => [`^${word}(?: |(?<=[请請]))`, ` ${word}$`])
    .join('|'),
  'u',
);

function listed(words: string): string[] {
  return words.split(', ');
}

/**
 * Lower case, without accents, points, punctuation and signs. Only what Latin, Greek, Cyrillic, Arabic and Hebrew letters do without: an
 * Indian vowel is a mark, too.
 */
function plain(text: string): string {
  const bare = text
    .normalize('NFKD')
    .replace(/[\p{Cf}\u0640]|(?=\p{M})[\p{Script=Inherited}\p{Script=Hebrew}]/gu, '')
    .toLowerCase();
  return bare.replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ').trim();
}
