import type { Address } from '@parley/core';
import { readEmail, readPhone, suppressionKey } from './address.js';
import type { CampaignSpec } from './spec.js';
import type { Columns } from './table.js';
import type { Way } from './validate.js';

/** A person in a row of the audience. */
export interface Person {
  to: Address;
  name?: string;
  /** Everything the person may be known by, for comparing: the address that is written to comes first. */
  addresses: readonly string[];
}

/** Whom a row means. It has to have what people are addressed by; a second address only tells who it is. */
export function readPerson(
  cells: readonly string[],
  columns: Columns,
  way: Way,
  spec: Pick<CampaignSpec, 'channel' | 'country'>,
): Person | { reason: string } {
  const cell = (column: number | undefined): string => (column === undefined ? '' : (cells[column] ?? ''));
  const read = (kind: 'phone' | 'email') =>
    kind === 'phone' ? readPhone(cell(columns.phone), spec.country) : readEmail(cell(columns.email));
  const kind = way.addresses.find((each) => cell(columns[each]).trim() !== '');
  if (kind === undefined)
    return { reason: `has no ${way.addresses.map((each) => CALLED[each]).join(' and no ')}` };
  const reading = read(kind);
  if ('reason' in reading) return reading;
  const other = read(kind === 'phone' ? 'email' : 'phone');
  const known = 'value' in other ? [reading.value, other.value] : [reading.value];
  const channel = kind === 'email' ? 'email' : (spec.channel ?? 'whatsapp');
  const person: Person = { to: { channel, value: reading.value }, addresses: known.map(suppressionKey) };
  const name = cell(columns.name).trim();
  return name === '' ? person : { ...person, name };
}

const CALLED = { phone: 'phone number', email: 'e-mail address' };
