import type {
  Address,
  CampaignCounts,
  Card,
  Choice,
  Contact,
  Content,
  ContentKind,
  Conversation,
  ConversationChanges,
  Event,
  EventMap,
  EventName,
  FieldValue,
  Identity,
  Message,
  Participant,
} from '@parley/core';

/** What is wrong with a value, by path; empty if nothing is. */
type Check = (value: unknown, path: string) => string[];

/** A check for every key of a record: a key that core adds does not compile until it is checked here. */
type Checks<T> = { [K in keyof Required<T>]: Check };

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value, path) =>
    test(value) ? [] : [`${path}: expected ${what}`];

const text = is('text', (value) => typeof value === 'string');
const someText = is('text that is not empty', (value) => typeof value === 'string' && value !== '');
const number = is('a number', (value) => typeof value === 'number' && Number.isFinite(value));
const flag = is('true or false', (value) => typeof value === 'boolean');
const time = is('ISO 8601 in UTC', (value) => typeof value === 'string' && ISO_UTC.test(value));
const anything: Check = () => [];
const notOurs = is('nothing: it is not for an adapter to say', () => false);
const fieldValue = is('text, a number or a flag', (value) =>
  ['string', 'number', 'boolean'].includes(typeof value),
);

const oneOf = (...values: readonly unknown[]): Check =>
  is(`one of ${values.join(', ')}`, (value) => values.includes(value));

/** A missing value is a missing key, so a key with `undefined` is wrong even where it may be missing. */
const maybe = (check: Check): Check =>
  Object.assign((value: unknown, path: string) => check(value, path), { missing: true });

const listOf =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(item, `${path}[${index}]`))
      : [`${path}: expected a list`];

const fields: Check = (value, path) =>
  typeof value === 'object' && value !== null
    ? Object.entries(value as Record<string, FieldValue>).flatMap(([key, one]) =>
        fieldValue(one, `${path}.${key}`),
      )
    : [`${path}: expected values by name`];

function record<T>(checks: Checks<T>): Check {
  const table = new Map<string, Check>(Object.entries(checks));
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${path}: expected a record`];
    const strangers = Object.keys(value).filter((key) => !table.has(key));
    const wrong = [...table].flatMap(([key, check]) => {
      if (Object.hasOwn(value, key)) return check((value as Record<string, unknown>)[key], `${path}.${key}`);
      return 'missing' in check ? [] : [`${path}.${key}: missing`];
    });
    return [...strangers.map((key) => `${path}.${key}: not a key of the model`), ...wrong];
  };
}

const byKey =
  (key: string, checks: Record<string, Check>): Check =>
  (value, path) => {
    const name =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    const check = typeof name === 'string' && Object.hasOwn(checks, name) ? checks[name] : undefined;
    return check === undefined
      ? [`${path}.${key}: expected one of ${Object.keys(checks).join(', ')}`]
      : check(value, path);
  };

type Of<Union, Key extends string, Name> = Extract<Union, Record<Key, Name>>;

const choice = byKey('type', {
  reply: record<Of<Choice, 'type', 'reply'>>({ type: text, label: someText, value: text }),
  postback: record<Of<Choice, 'type', 'postback'>>({ type: text, label: someText, value: text }),
  link: record<Of<Choice, 'type', 'link'>>({ type: text, label: someText, url: someText }),
});

const card = record<Card>({
  title: text,
  description: maybe(text),
  mediaUrl: maybe(someText),
  choices: maybe(listOf(choice)),
});

const contentChecks: { [Kind in ContentKind]: Check } = {
  text: record<Of<Content, 'kind', 'text'>>({ kind: text, text, format: maybe(oneOf('markdown', 'html')) }),
  media: record<Of<Content, 'kind', 'media'>>({
    kind: text,
    url: someText,
    mimeType: is('a media type', (value) => typeof value === 'string' && value.includes('/')),
    name: maybe(text),
    caption: maybe(text),
    sizeBytes: maybe(number),
  }),
  location: record<Of<Content, 'kind', 'location'>>({
    kind: text,
    latitude: number,
    longitude: number,
    label: maybe(text),
    address: maybe(text),
  }),
  choices: record<Of<Content, 'kind', 'choices'>>({ kind: text, text, choices: listOf(choice) }),
  choice: record<Of<Content, 'kind', 'choice'>>({ kind: text, value: text, label: maybe(text) }),
  carousel: record<Of<Content, 'kind', 'carousel'>>({ kind: text, text: maybe(text), cards: listOf(card) }),
  template: record<Of<Content, 'kind', 'template'>>({
    kind: text,
    template: someText,
    name: maybe(text),
    language: maybe(text),
    variables: fields,
  }),
  field: record<Of<Content, 'kind', 'field'>>({ kind: text, key: someText, value: text, form: maybe(text) }),
  system: record<Of<Content, 'kind', 'system'>>({ kind: text, text }),
  unknown: record<Of<Content, 'kind', 'unknown'>>({ kind: text, type: someText, text: maybe(text) }),
};

const roles = oneOf('contact', 'agent', 'bot', 'system');

/** The checks of one account: every id must begin with its name. */
function checksFor(account: string, provider: string) {
  const id = is(
    `an id of ${account}`,
    (value) => typeof value === 'string' && value.startsWith(`${account}:`),
  );
  const own = oneOf(account);
  const participant = record<Participant>({
    id,
    role: roles,
    name: maybe(text),
    active: maybe(flag),
    accepted: maybe(flag),
    invited: maybe(flag),
    following: maybe(flag),
    self: maybe(oneOf(true)),
  });
  const conversation = record<Conversation>({
    id,
    account: own,
    provider: oneOf(provider),
    status: oneOf('open', 'pending', 'closed'),
    kind: oneOf('contact', 'team'),
    channel: maybe(someText),
    name: maybe(text),
    contactName: maybe(text),
    contactId: maybe(id),
    contactPhone: maybe(someText),
    contactEmail: maybe(someText),
    assigneeId: maybe(id),
    participants: maybe(listOf(participant)),
    fields: maybe(fields),
    organization: maybe(someText),
    createdAt: maybe(time),
    updatedAt: maybe(time),
  });
  const contact = record<Contact>({
    id,
    account: own,
    name: maybe(text),
    givenName: maybe(text),
    familyName: maybe(text),
    phone: maybe(is('E.164', (value) => typeof value === 'string' && /^\+\d+$/.test(value))),
    email: maybe(someText),
    locale: maybe(someText),
    identities: listOf(record<Identity>({ account: own, channel: someText, value: someText })),
    fields: maybe(fields),
    organization: maybe(someText),
    createdAt: maybe(time),
    updatedAt: maybe(time),
  });
  const message = record<Message>({
    id,
    account: own,
    conversationId: id,
    direction: oneOf('in', 'out'),
    author: record<Message['author']>({
      role: roles,
      id: maybe(id),
      name: maybe(text),
      self: maybe(oneOf(true)),
    }),
    content: byKey('kind', contentChecks),
    channel: maybe(someText),
    note: maybe(oneOf(true)),
    status: maybe(oneOf('queued', 'sent', 'delivered', 'read', 'failed', 'unknown', 'withheld')),
    quote: maybe(text),
    attribution: maybe(notOurs),
    createdAt: time,
    updatedAt: maybe(time),
  });
  return { id, own, conversation, contact, message };
}

function eventCheckFor(account: string, provider: string): Check {
  const { id, own, conversation, contact, message } = checksFor(account, provider);
  const head = {
    name: text,
    id,
    provider: oneOf(provider),
    account: own,
    at: time,
    native: someText,
    raw: maybe(anything),
  };
  const changes = maybe(
    record<ConversationChanges>({
      status: maybe(oneOf('open', 'pending', 'closed')),
      channel: maybe(someText),
      name: maybe(text),
      contactName: maybe(text),
      contactId: maybe(id),
      assigneeId: maybe((value, path) => (value === null ? [] : id(value, path))),
      participants: maybe(listOf(anything)),
      fields: maybe(fields),
      organization: maybe(someText),
    }),
  );
  const inside = { ...head, conversationId: id, conversation: maybe(conversation), changes };
  const to = record<Address>({ channel: someText, value: someText });
  const campaign = maybe(record({ id, to }));
  const withMessage = { ...inside, campaign, message };
  const withStatus = { ...inside, campaign, messageId: id };
  const ofCampaign = { ...head, campaignId: id };
  const template = oneOf('pending', 'approved', 'rejected', 'paused', 'disabled', 'unknown');
  const count = maybe(number);
  const counts = record<CampaignCounts>({ sent: count, delivered: count, read: count, failed: count });
  const by = oneOf('contact', 'agent');
  const checks: { [Name in EventName]: Checks<EventMap[Name]> } = {
    'message.received': withMessage,
    'message.sent': withMessage,
    'message.delivered': withStatus,
    'message.read': withStatus,
    'message.failed': { ...withStatus, reason: maybe(text) },
    'message.updated': withMessage,
    'message.deleted': withStatus,
    'note.created': withMessage,
    'command.received': { ...withMessage, command: someText, args: text },
    'mention.received': withMessage,
    'typing.started': { ...inside, by },
    'typing.stopped': { ...inside, by },
    'conversation.created': inside,
    'conversation.updated': { ...inside, status: maybe(oneOf('open', 'pending', 'closed')) },
    'conversation.assigned': { ...inside, assigneeIds: listOf(id), toSelf: flag },
    'conversation.deleted': inside,
    'contact.created': { ...head, contactId: id, contact: maybe(contact) },
    'contact.updated': { ...head, contactId: id, contact: maybe(contact) },
    'contact.deleted': { ...head, contactId: id },
    'timer.fired': { ...head, conversationId: id, timer: record({ name: someText, data: maybe(anything) }) },
    'template.updated': { ...ofCampaign, status: template, previous: maybe(template) },
    'campaign.created': ofCampaign,
    'campaign.started': ofCampaign,
    'campaign.paused': { ...ofCampaign, reason: maybe(text) },
    'campaign.progress': { ...ofCampaign, counts: maybe(counts), percent: maybe(number) },
    'campaign.completed': ofCampaign,
    'campaign.failed': { ...ofCampaign, reason: maybe(text) },
    'provider.event': { ...inside, conversationId: maybe(id), payload: anything },
  };
  return byKey(
    'name',
    Object.fromEntries(
      Object.entries(checks).map(([name, one]) => [name, record<Record<string, unknown>>(one)]),
    ),
  );
}

/** A function per record of the model: what is wrong with one that this account returned. */
export interface RecordChecks {
  conversation(value: Conversation): string[];
  message(value: Message): string[];
  contact(value: Contact): string[];
  event(value: Event): string[];
}

export function recordChecks(account: string, provider: string): RecordChecks {
  const { conversation, contact, message } = checksFor(account, provider);
  const event = eventCheckFor(account, provider);
  return {
    conversation: (value) => conversation(value, 'conversation'),
    message: (value) => message(value, 'message'),
    contact: (value) => contact(value, 'contact'),
    event: (value) => event(value, 'event'),
  };
}
