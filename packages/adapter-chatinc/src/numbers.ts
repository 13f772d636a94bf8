import { ParleyError } from '@parley/core';
import type { ChatIncConfig } from './config.js';

export type NumberConfig = Pick<ChatIncConfig, 'numberFormat' | 'defaultCountryCode'>;

/** Digits, blanks and the signs that people group digits by. `2.78E+10` is what a spreadsheet makes of a number. */
const WRITTEN = /^\s*\+?[\d\s().\-/]+$/;

/** Of a column that a program took for numbers: `.0` is left away, and what else there may be is no phone number. */
const DECIMALS = /^\+?\d{5,}\.\d{1,2}$/;

/** Undefined for what is no number; else its digits, with the country code. */
export function digitsOf(written: string, defaultCountryCode?: string): string | undefined {
  const whole = written.trim().replace(/^(\+?\d{5,})\.0{1,2}$/, '$1');
  if (!WRITTEN.test(whole) || DECIMALS.test(whole)) return undefined;
  // "+31 (0)6": the zero is for callers inside the country.
  const plain = whole.replace(/^(\+.*)\(0\)/, '$1').replaceAll(/\D/g, '');
  const digits = plain.startsWith('00')
    ? plain.slice(2)
    : plain.startsWith('0') && defaultCountryCode !== undefined
      ? `${defaultCountryCode}${plain.slice(1)}`
      : plain;
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}

/**
 * As the provider wants it.
 *
 * @param place where it stands, for the error: `contacts[3].number`
 * @throws ERR_CONFIG; without the number, which is a person's
 */
export function toChatIncNumber(written: string | number, config: NumberConfig, place: string): string {
  const digits = digitsOf(String(written), config.defaultCountryCode);
  if (digits !== undefined) return config.numberFormat === 'e164' ? `+${digits}` : digits;
  const expected =
    'expected 7 to 15 digits with the country code (a national number needs the option defaultCountryCode)';
  throw new ParleyError('ERR_CONFIG', `Chat Inc: ${place}: ${expected}`, {
    problems: [`${place}: ${expected}`],
  });
}

/** E.164, or undefined for what is no number. */
export function fromChatIncNumber(written: string): string | undefined {
  const digits = digitsOf(written);
  return digits === undefined ? undefined : `+${digits}`;
}
