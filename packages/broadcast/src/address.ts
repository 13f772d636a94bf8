import { ParleyError } from '@parley/core';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from 'libphonenumber-js';

/** An address in its one form, or why there is none. The reason never holds what was written. */
export type AddressReading = { value: string } | { reason: string };

/** What people put into a number so that it can be read, invisible characters and a spreadsheet's `'` included. */
const DECORATION = /^'|[\p{Cf}\p{Zs}\t.()/]|\p{Pd}/gu;

/** `4917012345678.0` is what programs write that took the column for numbers. Numbers grouped by dots have more digits behind the last. */
const DECIMALS = /^('?\+?\d{5,})[.,](\d{1,2})$/;

/**
 * A phone number as E.164. Digits without a plus are taken as international ones if that can be, and as national ones where
 * `country` is known.
 *
 * Asked is whether there can be such a number (its country and its length), not whether its range is assigned: the lists of
 * ranges are older than the newest numbers, and numbers that are reserved for examples and tests have no range at all.
 */
export function readPhone(text: string, country?: string): AddressReading {
  const shown = text.trim();
  if (shown === '') return { reason: 'has no phone number' };
  if (isPlainlyPossible(shown)) return { value: shown };
  if (/^'?\+?\d+([.,]\d+)?\s*e\s*\+?\d+$/i.test(shown))
    return {
      reason:
        'the phone number is in scientific notation, digits are lost: format the column as text and export again',
    };
  const [, whole = shown, decimals = '0'] = DECIMALS.exec(shown) ?? [];
  if (Number(decimals) !== 0)
    return { reason: 'the phone number has decimals: format the column as text and export again' };
  // "+31 (0)6": the zero is for callers inside the country.
  const digits = whole.replace(/\(0\)/, '').replace(DECORATION, '').replace(/^00/, '+');
  if (!/^\+?\d+$/.test(digits)) return { reason: 'the phone number holds something else than digits' };
  if (digits.startsWith('+')) return possible(digits) ?? { reason: 'there can be no such phone number' };
  const found = country === undefined ? undefined : national(digits, country);
  if (found !== undefined) return found;
  if (digits.startsWith('0'))
    return {
      reason:
        country === undefined
          ? 'the phone number has no country: write it with + and the country code, or set country'
          : `there can be no such phone number in ${country}`,
    };
  return (
    possible(`+${digits}`) ?? {
      reason: 'there can be no such phone number: write it with + and the country code',
    }
  );
}

function possible(text: string): AddressReading | undefined {
  if (isPlainlyPossible(text)) return { value: text };
  const number = parsePhoneNumberFromString(text);
  if (!number?.isPossible()) return undefined;
  // Until nothing is taken away: what has been read once is read as the same ever after.
  return number.number === text ? { value: text } : possible(number.number);
}

/**
 * True for most of the numbers that are possible, without the 5 KB of garbage that the library makes of each. A zero behind the
 * country's code may have to be taken away: that is left to the library.
 */
function isPlainlyPossible(text: string): boolean {
  if (!/^\+[1-9]\d{5,14}$/.test(text)) return false;
  for (let end = 2; end <= 4; end += 1) {
    // No country's code begins with another's.
    const lengths = lengthsByCode().get(text.slice(1, end));
    if (lengths !== undefined) return text[end] !== '0' && lengths.includes(text.length - end);
  }
  return false;
}

let lengthsMade: ReadonlyMap<string, readonly number[]> | undefined;

/** How long numbers can be behind each country's code: where countries share one, what can be in all of them. */
function lengthsByCode(): ReadonlyMap<string, readonly number[]> {
  if (lengthsMade !== undefined) return lengthsMade;
  const made = new Map<string, number[]>();
  const metadata = new Metadata();
  for (const country of getCountries()) {
    metadata.selectNumberingPlan(country);
    const code = getCountryCallingCode(country);
    const lengths = metadata.numberingPlan?.possibleLengths() ?? [];
    made.set(code, made.get(code)?.filter((length) => lengths.includes(length)) ?? lengths);
  }
  lengthsMade = made;
  return made;
}

/** Without the zero that numbers inside a country begin with, only a known range tells it from an international number. */
function national(digits: string, country: string): AddressReading | undefined {
  if (!isSupportedCountry(country)) return undefined;
  const number = parsePhoneNumberFromString(digits, country);
  const fits = digits.startsWith('0') ? number?.isPossible() : number?.isValid();
  return number !== undefined && fits ? possible(number.number) : undefined;
}

export const NO_COUNTRY = 'expected a country of two capital letters, for example NL';

/** Whether numbers of this country (ISO 3166, two letters) can be read in their national form. */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/** One `@`, no blanks, a domain with a dot: whether there is such a mailbox only sending can tell. */
const EMAIL =
  /^[^\s@"<>(),:;\\[\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/** An e-mail address with its domain in lower case. A `'` that keeps a spreadsheet from taking it for a formula is none of it. */
export function readEmail(text: string): AddressReading {
  const shown = text
    .trim()
    .replace(/\p{Cf}/gu, '')
    .replace(/^'(?=[=+-])/, '');
  if (shown === '') return { reason: 'has no e-mail address' };
  if (shown.length > 254 || !EMAIL.test(shown)) return { reason: 'the e-mail address is not one' };
  const at = shown.lastIndexOf('@');
  const domain = shown.slice(at);
  const lower = domain.toLowerCase();
  return { value: domain === lower ? shown : shown.slice(0, at) + lower };
}

/** Of either kind: an `@` makes it an e-mail address. */
export function readAddress(text: string, country?: string): AddressReading {
  return text.includes('@') ? readEmail(text) : readPhone(text, country);
}

/**
 * The one form of a phone number (E.164) or an e-mail address.
 *
 * @param country two capital letters (ISO 3166), for a phone number that is written without one
 * @throws ERR_CONFIG if there can be no such address, or country; the message does not hold it
 */
export function toAddress(text: string, country?: string): string {
  if (country !== undefined && !isCountry(country))
    throw new ParleyError('ERR_CONFIG', `country: ${NO_COUNTRY}`);
  const reading = readAddress(text, country);
  if ('value' in reading) return reading.value;
  throw new ParleyError('ERR_CONFIG', `address: ${reading.reason}`);
}

/** What is the same for every way to write an address: no two persons share a mailbox that differs in case only. */
export function suppressionKey(address: string): string {
  return address.toLowerCase();
}
