import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject } from '../json.js';
import { CrispError, notFound } from './errors.js';
import { type Platform, tell, tellWebsite } from './platform.js';
import type { CrispConversation, CrispPerson, Website } from './records.js';

/** A person by id, or by e-mail address: every route takes either. */
export function findPerson(website: Website, idOrEmail: string): CrispPerson | undefined {
  const byId = website.people.get(idOrEmail);
  if (byId !== undefined) return byId;
  const wanted = idOrEmail.toLowerCase();
  return [...website.people.values()].find(({ email }) => email?.toLowerCase() === wanted);
}

export function personOf(website: Website, idOrEmail: string): CrispPerson {
  const person = findPerson(website, idOrEmail);
  if (person === undefined) throw notFound('people');
  return person;
}

/** A profile as the API shows it. */
export function shownPerson({
  data: _data,
  events: _events,
  subscribed: _subscribed,
  ...shown
}: CrispPerson): JsonObject {
  return shown;
}

export function createPerson(platform: Platform, website: Website, card: JsonObject): CrispPerson {
  if (typeof card.email === 'string' && findPerson(website, card.email) !== undefined)
    throw new CrispError(409, 'people_exists');
  const now = platform.clock.now();
  const person: CrispPerson = {
    people_id: randomUUID(),
    ...EMPTY_CARD,
    active: { now: false, last: now },
    score: 0,
    created_at: now,
    updated_at: now,
    data: {},
    events: [],
    subscribed: true,
  };
  writeCard(platform, person, card);
  website.people.set(person.people_id, person);
  tellWebsite(platform, website, 'people:profile:created', identityOf(person));
  return person;
}

const EMPTY_CARD = { email: null, person: {}, company: null, segments: [], notepad: '' };

/** PUT: what the card leaves out is gone. */
export function replaceCard(
  platform: Platform,
  website: Website,
  person: CrispPerson,
  card: JsonObject,
): void {
  Object.assign(person, structuredClone(EMPTY_CARD));
  writeCard(platform, person, card);
  tellUpdate(platform, website, person, card);
}

/** PATCH: objects are merged key by key, lists replaced. */
export function mergeCard(platform: Platform, website: Website, person: CrispPerson, card: JsonObject): void {
  const both = (known: JsonObject | null, given: JsonObject['x']) =>
    isObject(given) ? { ...known, ...given } : given;
  writeCard(platform, person, {
    ...card,
    ...(card.person !== undefined && { person: both(person.person, card.person) }),
    ...(card.company !== undefined && { company: both(person.company, card.company) }),
  });
  tellUpdate(platform, website, person, card);
}

/** `active` is a number in a card and an object in a profile. */
function writeCard(platform: Platform, person: CrispPerson, { active, ...card }: JsonObject): void {
  for (const name of Object.keys(EMPTY_CARD)) {
    if (card[name] !== undefined) Object.assign(person, { [name]: structuredClone(card[name]) });
  }
  if (typeof active === 'number') person.active = { now: person.active.now, last: active };
  person.updated_at = platform.clock.now();
}

function tellUpdate(platform: Platform, website: Website, person: CrispPerson, card: JsonObject): void {
  const update = { updated_at: person.updated_at, ...card };
  tellWebsite(platform, website, 'people:profile:updated', { ...identityOf(person), update });
}

const identityOf = ({ people_id, email }: CrispPerson): JsonObject => ({
  people_id,
  ...(email !== null && { email }),
});

export function removePerson(platform: Platform, website: Website, person: CrispPerson): void {
  website.people.delete(person.people_id);
  for (const conversation of website.conversations.values()) {
    if (conversation.people_id === person.people_id) conversation.people_id = undefined;
  }
  tellWebsite(platform, website, 'people:profile:removed', identityOf(person));
}

export function setSubscribed(
  platform: Platform,
  website: Website,
  person: CrispPerson,
  subscribed: boolean,
): void {
  person.subscribed = subscribed;
  tellWebsite(platform, website, 'email:subscribe', { email: person.email ?? '', subscribed });
}

/** A visitor whose e-mail is known gets a profile, and the conversation belongs to it. */
export function bindPerson(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  email: string,
): void {
  const { nickname, phone } = conversation.meta;
  const person =
    findPerson(website, email) ??
    createPerson(platform, website, { email, person: { nickname, ...(phone !== '' && { phone }) } });
  if (conversation.people_id === person.people_id) return;
  conversation.people_id = person.people_id;
  tell(platform, conversation, 'people:bind:session', { people_id: person.people_id });
}
