import * as t from 'io-ts';
import type { CrispConversation, CrispMeta } from './conversation.js';
import type {
  CrispAcknowledgeEvent,
  CrispComposeEvent,
  CrispEnvelope,
  CrispHook,
  CrispPersonEvent,
  CrispSessionEvent,
} from './event.js';
import type { Maybe } from './maybe.js';
import type { CrispAuthor, CrispMessage } from './message.js';
import type { CrispPerson, CrispProfile } from './people.js';
import type { CrispEndpoints, CrispKeypair } from './website.js';

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
const Count = maybe(t.number);
const Values = maybe(t.UnknownRecord);
const Texts = maybe(t.array(t.string));

/** A number on the wire, and in the wrapper's own examples a text. */
const Fingerprint = new t.Type<number | string, number | string, unknown>(
  'Fingerprint',
  (u): u is number | string => isFingerprint(u),
  (u, context) => (isFingerprint(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
);

function isFingerprint(u: unknown): u is number | string {
  return typeof u === 'number' ? Number.isSafeInteger(u) : typeof u === 'string' && /^\d{1,16}$/.test(u);
}

export const EnvelopeCodec: t.Type<CrispEnvelope, CrispEnvelope, unknown> = t.intersection(
  [t.type({ reason: t.string }), t.partial({ data: t.unknown })],
  'Envelope',
);

export const KeypairAnswerCodec: t.Type<{ data: CrispKeypair }, { data: CrispKeypair }, unknown> = t.type(
  { data: t.type({ identifier: t.string, key: t.string }, 'Keypair') },
  'KeypairAnswer',
);

const Author: t.Type<CrispAuthor, CrispAuthor, unknown> = t.partial(
  { type: Text, user_id: Text, nickname: Text, avatar: Text },
  'Author',
);

export const MessageCodec: t.Type<CrispMessage, CrispMessage, unknown> = t.intersection(
  [
    t.type({ fingerprint: Fingerprint }),
    t.partial({
      website_id: Text,
      session_id: Text,
      type: Text,
      from: Text,
      origin: Text,
      timestamp: Count,
      user: maybe(Author),
      mentions: Texts,
      automated: Flag,
    }),
  ],
  'Message',
);

export const MetaCodec: t.Type<CrispMeta, CrispMeta, unknown> = t.partial(
  { nickname: Text, email: Text, phone: Text, subject: Text, origin: Text, data: Values },
  'Meta',
);

const UserReference = maybe(t.partial({ user_id: Text }, 'UserReference'));

export const ConversationCodec: t.Type<CrispConversation, CrispConversation, unknown> = t.intersection(
  [
    t.type({ session_id: t.string }),
    t.partial({
      website_id: Text,
      people_id: Text,
      state: Text,
      is_blocked: Flag,
      topic: Text,
      assigned: UserReference,
      meta: maybe(MetaCodec),
      created_at: Count,
      updated_at: Count,
    }),
  ],
  'Conversation',
);

const Person: t.Type<CrispPerson, CrispPerson, unknown> = t.partial(
  { nickname: Text, phone: Text, locales: Texts },
  'Person',
);

export const ProfileCodec: t.Type<CrispProfile, CrispProfile, unknown> = t.intersection(
  [
    t.type({ people_id: t.string }),
    t.partial({ email: Text, person: maybe(Person), created_at: Count, updated_at: Count }),
  ],
  'Profile',
);

export const HookCodec: t.Type<CrispHook, CrispHook, unknown> = t.intersection(
  [t.type({ event: t.string, data: t.UnknownRecord }), t.partial({ website_id: Text, timestamp: Count })],
  'Hook',
);

const InWebsite = t.partial({ website_id: Text });

export const SessionEventCodec: t.Type<CrispSessionEvent, CrispSessionEvent, unknown> = t.intersection(
  [t.type({ session_id: t.string }), InWebsite],
  'SessionEvent',
);

export const PersonEventCodec: t.Type<CrispPersonEvent, CrispPersonEvent, unknown> = t.intersection(
  [t.type({ people_id: t.string }), InWebsite],
  'PersonEvent',
);

export const CampaignEventCodec: t.Type<{ campaign_id: string }, { campaign_id: string }, unknown> = t.type(
  { campaign_id: t.string },
  'CampaignEvent',
);

export const ComposeCodec: t.Type<CrispComposeEvent, CrispComposeEvent, unknown> = t.intersection(
  [
    t.type({ session_id: t.string, type: t.string }),
    t.partial({ website_id: Text, timestamp: Count, automated: Flag }),
  ],
  'Compose',
);

export const AcknowledgeCodec: t.Type<CrispAcknowledgeEvent, CrispAcknowledgeEvent, unknown> = t.intersection(
  [
    t.type({ session_id: t.string }),
    t.partial({
      website_id: Text,
      fingerprints: maybe(t.array(Fingerprint)),
      details: maybe(t.partial({ type: Text, reason: Text })),
    }),
  ],
  'Acknowledge',
);

export const FingerprintCodec: t.Type<
  { fingerprint: number | string },
  { fingerprint: number | string },
  unknown
> = t.type({ fingerprint: Fingerprint }, 'Fingerprint');

export const EndpointsCodec: t.Type<CrispEndpoints, CrispEndpoints, unknown> = t.partial(
  { socket: maybe(t.partial({ app: Text })) },
  'Endpoints',
);
