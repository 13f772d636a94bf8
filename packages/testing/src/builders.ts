import type { Contact, Content, Conversation, Event, EventName, EventOf, Message } from '@parley/core';

const AT = '2026-01-01T12:00:00.000Z';
const ACCOUNT = 'leads';
let made = 0;

/** An id that no other call returns, `leads:message-7`. */
export function anId(kind: string, account: string = ACCOUNT): string {
  made += 1;
  return `${account}:${kind}-${made}`;
}

/** A text from a contact over WhatsApp, valid as it is; say what matters to your test. */
export function aMessage(changes: Partial<Message> = {}): Message {
  const account = changes.account ?? ACCOUNT;
  return {
    id: anId('message', account),
    account,
    conversationId: `${account}:conversation-1`,
    direction: 'in',
    author: { role: 'contact', id: `${account}:contact-1`, name: 'Noor' },
    content: { kind: 'text', text: 'hello' },
    channel: 'whatsapp',
    createdAt: AT,
    ...changes,
  };
}

/** An open conversation with a contact over WhatsApp. */
export function aConversation(changes: Partial<Conversation> = {}): Conversation {
  const account = changes.account ?? ACCOUNT;
  return {
    id: `${account}:conversation-1`,
    account,
    provider: 'fake',
    status: 'open',
    kind: 'contact',
    channel: 'whatsapp',
    contactId: `${account}:contact-1`,
    createdAt: AT,
    updatedAt: AT,
    ...changes,
  };
}

/** A person with a phone number. */
export function aContact(changes: Partial<Contact> = {}): Contact {
  const account = changes.account ?? ACCOUNT;
  return {
    id: `${account}:contact-1`,
    account,
    name: 'Noor Visser',
    phone: '+31600000000',
    identities: [{ account, channel: 'whatsapp', value: '+31600000000' }],
    createdAt: AT,
    ...changes,
  };
}

/** Of an event whose name is not known here. */
interface Changes {
  account?: string;
  conversationId?: string;
  content?: Content | string;
}

/**
 * An event, valid as it is, with an id of its own: `anEvent('message.received', { conversationId: 'leads:c1' })`.
 *
 * `content` is a short way to say what a message event's message says.
 */
export function anEvent<Name extends EventName>(
  name: Name,
  changes: Partial<EventOf<Name>> & { content?: Content | string } = {},
): EventOf<Name> {
  const { content, ...rest }: Changes = changes;
  const account = rest.account ?? ACCOUNT;
  const conversationId = rest.conversationId ?? `${account}:conversation-1`;
  const head = {
    name,
    id: anId('event', account),
    provider: 'fake',
    account,
    at: AT,
    native: `fake.${name}`,
  };
  const details: Partial<Event> = detailsOf(name, account, conversationId, content);
  // The details are those of `name`: a type that follows a name through a table cannot be checked here.
  return { ...head, ...details, ...rest } as EventOf<Name>;
}

function detailsOf(
  name: EventName,
  account: string,
  conversationId: string,
  said: Content | string | undefined,
): Partial<Event> {
  const campaignId = `${account}:campaign-1`;
  const inConversation = {
    conversationId,
    conversation: aConversation({ account, id: conversationId }),
  };
  const content: Content = typeof said === 'object' ? said : { kind: 'text', text: said ?? 'hello' };
  const fromContact = aMessage({ account, conversationId, content });
  const fromColleague: Message = {
    ...fromContact,
    direction: 'out',
    author: { role: 'agent', id: `${account}:agent-1`, name: 'Sam' },
  };
  switch (name) {
    case 'message.received':
    case 'message.updated':
      return { ...inConversation, message: fromContact };
    case 'message.sent':
      return { ...inConversation, message: { ...fromColleague, status: 'sent' } };
    case 'note.created':
    case 'mention.received':
      return { ...inConversation, message: { ...fromColleague, note: true } };
    case 'command.received':
      return { ...inConversation, message: fromColleague, command: 'remind', args: 'tomorrow' };
    case 'message.delivered':
    case 'message.read':
    case 'message.failed':
    case 'message.deleted':
      return { ...inConversation, messageId: anId('message', account) };
    case 'typing.started':
    case 'typing.stopped':
      return { ...inConversation, by: 'contact' };
    case 'conversation.assigned':
      return { ...inConversation, assigneeIds: [`${account}:agent-1`], toSelf: false };
    case 'conversation.created':
    case 'conversation.updated':
    case 'conversation.deleted':
      return inConversation;
    case 'contact.created':
    case 'contact.updated':
      return { contactId: `${account}:contact-1`, contact: aContact({ account }) };
    case 'contact.deleted':
      return { contactId: `${account}:contact-1` };
    case 'template.updated':
      return { campaignId, status: 'approved', previous: 'pending' };
    case 'campaign.progress':
      return { campaignId, counts: { sent: 1 }, percent: 100 };
    case 'campaign.failed':
      return { campaignId, reason: 'the balance is too low' };
    case 'campaign.created':
    case 'campaign.started':
    case 'campaign.paused':
    case 'campaign.completed':
      return { campaignId };
    case 'timer.fired':
      return { conversationId, timer: { name: 'reminder' } };
    case 'provider.event':
      return { payload: { something: 'of the provider' } };
  }
}
