import type { Json, JsonObject } from '../../json.js';
import { optionalText, text } from '../body.js';
import { invalid } from '../errors.js';
import { readContacts } from '../numbers.js';
import { audienceOf, EVERYBODY, numbersOf, type Platform } from '../platform.js';
import type { Account, Audience } from '../records.js';
import { type Answer, type Call, listed, type Route, wrote } from '../route.js';
import type { ChatIncSwitches } from '../switches.js';
import { numbersInto, readUpload } from '../upload.js';

export const AUDIENCE_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/create/audience', handle: create },
  { method: 'POST', path: '/create/audience/from/file', handle: createFromFile },
  { method: 'audiencesMethod', path: '/retrieve/audiences', handle: list },
  { method: 'audienceContactsMethod', path: '/retrieve/audience/contacts', handle: contacts },
];

/** Creates an audience, and adds contacts to one: both are documented with this address. */
function create({ platform, account, params }: Call): Answer {
  const numbers = readContacts(platform.switches, params.contacts);
  return written(platform, putAudience(account, params, numbers, platform.switches.addContacts));
}

async function createFromFile({ platform, account, request }: Call): Promise<Answer> {
  const numbers = new Set<string>();
  const fields = await readUpload(request, platform.switches, numbersInto(platform.switches, numbers));
  text(fields, 'name');
  return written(platform, putAudience(account, fields, numbers, platform.switches.addContacts));
}

function written(platform: Platform, { id, name }: Audience): Answer {
  return wrote(platform, { audience: { id, name } });
}

/** Name and description of a known audience stay what they are unless they are given. */
export function putAudience(
  account: Account,
  fields: JsonObject,
  numbers: Set<string>,
  contacts: ChatIncSwitches['addContacts'],
): Audience {
  const id = text(fields, 'id');
  if (id === EVERYBODY) throw invalid(`the id "${EVERYBODY}" is reserved`);
  const [name, description] = [optionalText(fields, 'name'), optionalText(fields, 'description')];
  const known = account.audiences.get(id);
  const audience: Audience = known ?? { id, name: id, numbers };
  if (name !== undefined) audience.name = name;
  if (description !== undefined) audience.description = description;
  if (contacts === 'replace') audience.numbers = numbers;
  else if (known !== undefined) for (const number of numbers) known.numbers.add(number);
  account.audiences.set(id, audience);
  return audience;
}

function list({ platform, account }: Call): Answer {
  const { audienceList } = platform.switches;
  const shown = ({ numbers, ...fields }: Audience): JsonObject => ({
    ...fields,
    ...(audienceList === 'count' && { contacts: numbers.size }),
    ...(audienceList === 'contacts' && { contacts: asContacts(numbers) }),
  });
  return listed(platform, 'audiences', [...account.audiences.values()].map(shown));
}

function contacts({ platform, account, params }: Call): Answer {
  const id = text(params, 'id');
  return listed(platform, 'contacts', asContacts(numbersOf(account, id) ?? audienceOf(account, id).numbers));
}

function asContacts(numbers: ReadonlySet<string>): Json[] {
  return Array.from(numbers, (number) => ({ number }));
}
