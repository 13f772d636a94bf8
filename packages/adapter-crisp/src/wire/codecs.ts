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

// The codecs name the fields that are read, and no others. What a record is about is obligatory; every other field is of its type or
// counts as missing: whoever wrote must be heard, whatever else the platform sends with it.

/** A field that may be missing, null, or something odd, which counts as missing. */
function maybe<A>(codec: t.Type<A, A, unknown>): t.Type<Maybe<A> | undefined, Maybe<A> | undefined, unknown> {
  return new t.Type(
    `${codec.name} or nothing`,
    (u): u is Maybe<A> | undefined => u === undefined || u === null || codec.is(u),
    (u, context) => {
      if (u === undefined || u === null) return t.success(u);
      const read = codec.validate(u, context);
      return read._tag === 'Left' ? t.success(undefined) : read;
    },
    t.identity,
  );
}

/** A list that may be missing; of its items, those of the type. */
function some<A>(
  codec: t.Type<A, A, unknown>,
): t.Type<Maybe<A[]> | undefined, Maybe<A[]> | undefined, unknown> {
  return new t.Type(
    `${codec.name}[] or nothing`,
    (u): u is Maybe<A[]> | undefined =>
      u === undefined || u === null || (Array.isArray(u) && u.every(codec.is)),
    (u) => t.success(Array.isArray(u) ? u.filter(codec.is) : undefined),
    t.identity,
  );
}

const Text = maybe(t.string);
const Flag = maybe(t.boolean);
const Values = maybe(t.UnknownRecord);
const Texts = some(t.string);

/** The furthest milliseconds from 1970, either way, that are a date. */
const FURTHEST_MS = 8.64e15;

/** Epoch milliseconds that are a date. */
const Moment = maybe(
  narrowed('Moment', (u): u is number => typeof u === 'number' && Math.abs(u) <= FURTHEST_MS),
);

/** The id of what a record is about. */
const Id = narrowed('Id', (u): u is string => typeof u === 'string' && u !== '');

const Side = maybe(narrowed('Side', (u): u is string => u === 'user' || u === 'operator'));

/** A number on the wire, and in the wrapper's own examples a text. */
const Fingerprint = narrowed('Fingerprint', (u): u is number | string =>
  typeof u === 'number' ? Number.isSafeInteger(u) : typeof u === 'string' && /^\d{1,16}$/.test(u),
);

function narrowed<A>(name: string, is: t.Is<A>): t.Type<A, A, unknown> {
  return new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity);
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
  { user_id: Text, nickname: Text },
  'Author',
);

export const MessageCodec: t.Type<CrispMessage, CrispMessage, unknown> = t.intersection(
  [
    t.type({ fingerprint: Fingerprint }),
    t.partial({
      website_id: Text,
      session_id: maybe(Id),
      type: Text,
      from: Side,
      origin: Text,
      timestamp: Moment,
      user: maybe(Author),
      mentions: Texts,
      automated: Flag,
      edited: Flag,
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
    t.type({ session_id: Id }),
    t.partial({
      website_id: Text,
      people_id: Text,
      state: Text,
      is_blocked: Flag,
      topic: Text,
      assigned: UserReference,
      meta: maybe(MetaCodec),
      created_at: Moment,
      updated_at: Moment,
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
    t.type({ people_id: Id }),
    t.partial({ email: Text, person: maybe(Person), created_at: Moment, updated_at: Moment }),
  ],
  'Profile',
);

export const HookCodec: t.Type<CrispHook, CrispHook, unknown> = t.intersection(
  [t.type({ event: t.string, data: t.UnknownRecord }), t.partial({ website_id: Text, timestamp: Moment })],
  'Hook',
);

const InWebsite = t.partial({ website_id: Text });

export const SessionEventCodec: t.Type<CrispSessionEvent, CrispSessionEvent, unknown> = t.intersection(
  [t.type({ session_id: Id }), InWebsite],
  'SessionEvent',
);

export const PersonEventCodec: t.Type<CrispPersonEvent, CrispPersonEvent, unknown> = t.intersection(
  [t.type({ people_id: Id }), InWebsite],
  'PersonEvent',
);

export const CampaignEventCodec: t.Type<{ campaign_id: string }, { campaign_id: string }, unknown> = t.type(
  { campaign_id: t.string },
  'CampaignEvent',
);

export const ComposeCodec: t.Type<CrispComposeEvent, CrispComposeEvent, unknown> = t.intersection(
  [
    t.type({ session_id: Id }),
    t.partial({ website_id: Text, type: Text, timestamp: Moment, automated: Flag }),
  ],
  'Compose',
);

export const AcknowledgeCodec: t.Type<CrispAcknowledgeEvent, CrispAcknowledgeEvent, unknown> = t.intersection(
  [
    t.type({ session_id: Id }),
    t.partial({
      website_id: Text,
      fingerprints: some(Fingerprint),
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
