import { toAddress } from '@parley/broadcast';
import type { ArgsDef } from 'citty';
import { ENGINE_ARGS } from './operate.js';
import { UsageError } from './usage-error.js';

/** Of a command about one person. */
export const ADDRESS_ARGS = {
  address: { type: 'positional', description: 'A phone number or an e-mail address', required: true },
  country: { type: 'string', description: 'Of phone numbers that are written without one: NL' },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

/** @throws UsageError if there can be no such address, or there are more; it names none */
export function addressOf({
  _: words,
  address,
  country,
}: {
  _: readonly string[];
  address: string;
  country?: string;
}): string {
  if (words.length > 1) throw new UsageError('one address at a time, in quotes if there are blanks in it');
  try {
    return toAddress(address, country);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
