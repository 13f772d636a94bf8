import * as t from 'io-ts';
import type { Web1on1Contact, Web1on1ContactProfile } from './contact.js';
import type { Web1on1Conversation, Web1on1Participant } from './conversation.js';
import type { Web1on1Message } from './message.js';
import type { Maybe, Reference } from './reference.js';
import type {
  Web1on1Bot,
  Web1on1BotInstance,
  Web1on1Organization,
  Web1on1Record,
  Web1on1Service,
  Web1on1User,
} from './tenancy.js';
import type { Web1on1TokenAnswer } from './token.js';
import type {
  Web1on1ContactData,
  Web1on1ConversationData,
  Web1on1MessageData,
  Web1on1Payload,
} from './webhook.js';

// The codecs name the fields that are read, and no others: a surprise in a field nobody reads must not cost an event.

/** A field that may be missing or null. Its own type, because a union would try each member on the hot path. */
function maybe<A>(codec: t.Type<A, A, unknown>): t.Type<Maybe<A> | undefined, Maybe<A> | undefined, unknown> {
  return new t.Type(
    `${codec.name} or nothing`,
    (u): u is Maybe<A> | undefined => u === undefined || u === null || codec.is(u),
    (u, context) => (u === undefined || u === null ? t.success(u) : codec.validate(u, context)),
    t.identity,
  );
}

const Text = maybe(t.string);
const Flag = maybe(t.boolean);
const Values = maybe(t.UnknownRecord);

const ReferenceCodec: t.Type<Maybe<Reference> | undefined, Maybe<Reference> | undefined, unknown> = maybe(
  new t.Type<Reference, Reference, unknown>(
    'Reference',
    (u): u is Reference => typeof u === 'string' || Populated.is(u),
    (u, context) => (typeof u === 'string' ? t.success(u) : Populated.validate(u, context)),
    t.identity,
  ),
);
const Populated = t.type({ id: t.string }, 'Populated');

const Actions = maybe(t.array(t.type({ type: t.string }), 'Actions'));
const Items = maybe(t.array(t.type({ title: t.string }), 'Items'));

export const MessageCodec: t.Type<Web1on1Message, Web1on1Message, unknown> = t.intersection(
  [
    t.type({ id: t.string }),
    t.partial({
      conversation: ReferenceCodec,
      type: Text,
      text: Text,
      role: Text,
      user: ReferenceCodec,
      contentType: Text,
      isBackchannel: Flag,
      touchpoint: Text,
      actions: Actions,
      items: Items,
      meta: Values,
      instance: maybe(t.partial({ enabled: Flag })),
      createdAt: Text,
      updatedAt: Text,
    }),
  ],
  'Message',
);

const ParticipantCodec: t.Type<Web1on1Participant, Web1on1Participant, unknown> = t.partial(
  {
    user: ReferenceCodec,
    role: Text,
    name: Text,
    active: Flag,
    accepted: Flag,
    follow: Flag,
    inbox: Flag,
  },
  'Participant',
);

export const ConversationCodec: t.Type<Web1on1Conversation, Web1on1Conversation, unknown> = t.intersection(
  [
    t.type({ id: t.string }),
    t.partial({
      name: Text,
      type: Text,
      status: Text,
      organization: ReferenceCodec,
      contact: ReferenceCodec,
      touchpoint: Text,
      participants: maybe(t.array(ParticipantCodec)),
      meta: Values,
      createdAt: Text,
      updatedAt: Text,
    }),
  ],
  'Conversation',
);

const ProfileCodec: t.Type<Web1on1ContactProfile, Web1on1ContactProfile, unknown> = t.partial(
  { name: Text, givenName: Text, familyName: Text, email: Text, telephone: Text, locale: Text },
  'Profile',
);

export const ContactCodec: t.Type<Web1on1Contact, Web1on1Contact, unknown> = t.intersection(
  [
    t.type({ id: t.string }),
    t.partial({
      organization: ReferenceCodec,
      conversation: ReferenceCodec,
      profile: maybe(ProfileCodec),
      meta: Values,
      createdAt: Text,
      updatedAt: Text,
    }),
  ],
  'Contact',
);

const Identified = t.type({ id: t.string });

export const UserCodec: t.Type<Web1on1User, Web1on1User, unknown> = t.intersection(
  [Identified, t.partial({ email: Text, name: Text, displayName: Text, status: Text })],
  'User',
);

export const OrganizationCodec: t.Type<Web1on1Organization, Web1on1Organization, unknown> = t.intersection(
  [Identified, t.partial({ name: Text, path: Text, status: Text, meta: Values })],
  'Organization',
);

export const ServiceCodec: t.Type<Web1on1Service, Web1on1Service, unknown> = t.intersection(
  [Identified, t.partial({ type: Text, params: Values, status: Text })],
  'Service',
);

export const BotCodec: t.Type<Web1on1Bot, Web1on1Bot, unknown> = t.intersection(
  [Identified, t.partial({ status: Text, enabled: Flag, meta: Values })],
  'Bot',
);

export const BotInstanceCodec: t.Type<Web1on1BotInstance, Web1on1BotInstance, unknown> = t.intersection(
  [Identified, t.partial({ orgPath: Text, enabled: Flag, status: Text, meta: Values })],
  'BotInstance',
);

export const RecordCodec: t.Type<Web1on1Record, Web1on1Record, unknown> = t.intersection(
  [Identified, t.UnknownRecord],
  'Record',
);

export const TokenAnswerCodec: t.Type<Web1on1TokenAnswer, Web1on1TokenAnswer, unknown> = t.intersection(
  [
    t.type({ token: t.string }),
    t.partial({ refreshToken: Text, user: Text, organization: Text, scope: Text, expiresAt: Text }),
  ],
  'TokenAnswer',
);

export const PayloadCodec: t.Type<Web1on1Payload, Web1on1Payload, unknown> = t.intersection(
  [
    t.type({ event: t.string }),
    t.partial({
      id: Text,
      timestamp: Text,
      activity: maybe(t.partial({ published: Text, object: maybe(t.partial({ id: Text })) })),
      data: Values,
    }),
  ],
  'Payload',
);

export const MessageDataCodec: t.Type<Web1on1MessageData, Web1on1MessageData, unknown> = t.type(
  { message: MessageCodec, conversation: ConversationCodec },
  'MessageData',
);

export const ConversationDataCodec: t.Type<Web1on1ConversationData, Web1on1ConversationData, unknown> =
  t.type({ conversation: ConversationCodec }, 'ConversationData');

export const ContactDataCodec: t.Type<Web1on1ContactData, Web1on1ContactData, unknown> = t.type(
  { contact: ContactCodec },
  'ContactData',
);
