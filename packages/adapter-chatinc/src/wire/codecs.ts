import * as t from 'io-ts';
import type { ChatIncAudience, ChatIncContact, ChatIncVariableGroup } from './audience.js';
import type { ChatIncInput, ChatIncJourney } from './bot.js';
import type { ChatIncButton, ChatIncCampaign, ChatIncDetailsRow } from './campaign.js';
import type { Maybe } from './maybe.js';

// Only the fields that are read: a surprise in another one must not cost a campaign.

function maybe<A>(codec: t.Type<A, A, unknown>): t.Type<Maybe<A> | undefined, Maybe<A> | undefined, unknown> {
  return t.union([codec, t.null, t.undefined], `${codec.name} or nothing`);
}

const Text = maybe(t.string);
const Count = maybe(t.union([t.number, t.string], 'number or text'));

const ButtonCodec: t.Type<Partial<ChatIncButton>, Partial<ChatIncButton>, unknown> = t.partial(
  { text: t.string, input: t.string },
  'Button',
) as t.Type<Partial<ChatIncButton>, Partial<ChatIncButton>, unknown>;

export const CampaignCodec: t.Type<ChatIncCampaign, ChatIncCampaign, unknown> = t.intersection(
  [
    t.type({ campaignId: t.string }),
    t.partial({
      templateId: Text,
      title: Text,
      message: Text,
      locale: Text,
      imgUrl: Text,
      buttons: maybe(t.array(ButtonCodec)),
      runs: maybe(t.UnknownArray),
      totalSent: Count,
      totalDelivered: Count,
      totalRead: Count,
      whatsAppTemplatesStatus: Text,
    }),
  ],
  'Campaign',
);

export const DetailsRowCodec: t.Type<ChatIncDetailsRow, ChatIncDetailsRow, unknown> = t.intersection(
  [t.type({ number: t.string }), t.partial({ action: t.string })],
  'DetailsRow',
);

export const ContactCodec: t.Type<ChatIncContact, ChatIncContact, unknown> = t.type(
  { number: t.string },
  'Contact',
);

export const AudienceCodec: t.Type<ChatIncAudience, ChatIncAudience, unknown> = t.intersection(
  [t.type({ id: t.string }), t.partial({ name: Text, description: Text })],
  'Audience',
);

export const VariableGroupCodec: t.Type<ChatIncVariableGroup, ChatIncVariableGroup, unknown> = t.type(
  { name: t.string, fields: t.array(t.string) },
  'VariableGroup',
);

export const JourneyCodec: t.Type<ChatIncJourney, ChatIncJourney, unknown> = t.type(
  { journeyId: t.string },
  'Journey',
);

export const InputCodec: t.Type<ChatIncInput, ChatIncInput, unknown> = t.partial({ number: Text }, 'Input');

export const RecordCodec: t.Type<Record<string, unknown>, Record<string, unknown>, unknown> = t.UnknownRecord;
