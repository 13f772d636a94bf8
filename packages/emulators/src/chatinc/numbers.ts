import type { Json } from '../json.js';
import { invalid } from './errors.js';
import type { ChatIncSwitches } from './switches.js';

const WRITTEN = /^\+?[\d\s().-]+$/;
const DIGITS = /^\d{7,15}$/;

/** Numbers are compared on their digits. Undefined for what is no number, `2.78E+10` of a spreadsheet among it. */
export function digitsOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  if (DIGITS.test(text)) return text;
  const digits = WRITTEN.test(text.trim()) ? text.replaceAll(/\D/g, '') : '';
  return DIGITS.test(digits) ? digits : undefined;
}

/** The digits; undefined for a number that is left out. */
export function readNumber({ badRows }: ChatIncSwitches, value: unknown, place: string): string | undefined {
  const digits = digitsOf(value);
  if (digits === undefined && badRows === 'reject') throw invalid(`${place}: not a phone number`);
  return digits;
}

/** Numbers of `[{ number }]`. */
export function readContacts(switches: ChatIncSwitches, contacts: Json | undefined): Set<string> {
  if (contacts === undefined) return new Set();
  if (!Array.isArray(contacts)) throw invalid('contacts must be an array');
  const numbers = new Set<string>();
  for (const [index, contact] of contacts.entries()) {
    const given =
      typeof contact === 'object' && contact !== null && 'number' in contact ? contact.number : undefined;
    const digits = readNumber(switches, given, `contacts[${index}].number`);
    if (digits !== undefined) numbers.add(digits);
  }
  return numbers;
}
