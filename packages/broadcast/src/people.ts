import type { Address } from '@parley/core';
import { readEmail, readPhone, suppressionKey } from './address.js';
import type { PlannedRecipient } from './recipient.js';
import type { CampaignSpec } from './spec.js';
import type { Columns } from './table.js';
import type { Way } from './validate.js';

// Classes, for what `Row` in csv.ts says.

/** A person in a row of the audience. */
export class Person {
  readonly to: Address;
  readonly name: string;
  /** Everything the person may be known by, for comparing: the address that is written to comes first. */
  readonly addresses: readonly string[];

  constructor(to: Address, name: string, addresses: readonly string[]) {
    this.to = to;
    this.name = name;
    this.addresses = addresses;
  }
}

class PersonAddress implements Address {
  readonly channel: string;
  readonly value: string;

  constructor(channel: string, value: string) {
    this.channel = channel;
    this.value = value;
  }
}

/** A person who may get it, with the values that the template needs. */
export class Candidate {
  readonly person: Person;
  readonly values: Readonly<Record<string, string>>;

  constructor(person: Person, values: Readonly<Record<string, string>>) {
    this.person = person;
    this.values = values;
  }
}

/** Plain JSON, as everything that is stored. */
export class PlannedAddressee implements PlannedRecipient {
  readonly to: Address;
  readonly name?: string;
  readonly also?: string;
  readonly values: Readonly<Record<string, string>>;

  constructor({ to, name, addresses: [, also] }: Person, values: Readonly<Record<string, string>>) {
    this.to = to;
    if (name !== '') this.name = name;
    if (also !== undefined) this.also = also;
    this.values = values;
  }
}

/** Whom a row means. It has to have what people are addressed by; a second address only tells who it is. */
export function readPerson(
  cells: readonly string[],
  columns: Columns,
  way: Way,
  spec: Pick<CampaignSpec, 'channel' | 'country'>,
): Person | { reason: string } {
  const kind = way.addresses.find((each) => cellOf(cells, columns[each]).trim() !== '');
  if (kind === undefined)
    return { reason: `has no ${way.addresses.map((each) => CALLED[each]).join(' and no ')}` };
  const isPhone = kind === 'phone';
  const phone = readPhone(cellOf(cells, columns.phone), spec.country);
  const email = readEmail(cellOf(cells, columns.email));
  const reading = isPhone ? phone : email;
  if ('reason' in reading) return reading;
  const other = isPhone ? email : phone;
  const known = 'value' in other ? [reading.value, other.value] : [reading.value];
  const to = new PersonAddress(isPhone ? (spec.channel ?? 'whatsapp') : 'email', reading.value);
  return new Person(to, cellOf(cells, columns.name).trim(), known.map(suppressionKey));
}

function cellOf(cells: readonly string[], column: number | undefined): string {
  return column === undefined ? '' : (cells[column] ?? '');
}

const CALLED = { phone: 'phone number', email: 'e-mail address' };
