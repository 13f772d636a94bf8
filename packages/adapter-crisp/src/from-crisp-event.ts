import { decode } from '@parley/adapter-kit';
import type { ConversationChanges, Event } from '@parley/core';
import { toId } from '@parley/core';
import { fromCrispAssignee, fromCrispData, fromCrispOrigin, fromCrispState } from './from-crisp.js';
import { textIn } from './from-crisp-content.js';
import { acknowledged, message, messageRemoved, messageUpdated, typing } from './from-crisp-message-event.js';
import { toPlaceId, type Viewpoint } from './ids.js';
import {
  headOf,
  type Native,
  type Occurrence,
  placeOf,
  providerEvent,
  type Reading,
  undatedId,
} from './reading.js';
import { CampaignEventCodec, PersonEventCodec, SessionEventCodec } from './wire/codecs.js';

type Read = (reading: Reading) => Event[];

/**
 * The neutral events of one of the platform's; usually one, and one for each message of an acknowledgement.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD if a field that is needed is not there
 */
export function fromCrispEvent(native: Native, view: Viewpoint, occurrence: Occurrence): Event[] {
  const reading = { native, view, occurrence };
  const read = Object.hasOwn(READERS, native.name) ? READERS[native.name] : undefined;
  return read === undefined ? [providerEvent(reading)] : read(reading);
}

const conversationUpdated: Read = (reading) => {
  const changes = changesIn(reading);
  return [
    {
      name: 'conversation.updated',
      ...inSession(reading),
      ...(changes.status !== undefined && { status: changes.status }),
      ...(Object.keys(changes).length > 0 && { changes }),
    },
  ];
};

/** What has a neutral word. Everything else is `provider.event`. */
const READERS: Readonly<Record<string, Read>> = {
  'message:send': (reading) => [message(reading, 'user')],
  'message:received': (reading) => [message(reading, 'operator')],
  'message:updated': (reading) => [messageUpdated(reading)],
  'message:removed': (reading) => [messageRemoved(reading)],
  'message:compose:send': (reading) => [typing(reading, 'contact')],
  'message:compose:receive': (reading) => [typing(reading, 'agent')],
  'message:acknowledge:read:received': (reading) => acknowledged(reading, 'message.read'),
  'message:acknowledge:delivered': (reading) => acknowledged(reading, 'message.delivered'),
  'message:acknowledge:ignored': (reading) => acknowledged(reading, 'message.failed'),
  'session:request:initiated': (reading) => [{ name: 'conversation.created', ...inSession(reading) }],
  'session:removed': (reading) => [{ name: 'conversation.deleted', ...inSession(reading) }],
  'session:set_routing': (reading) => [assigned(reading)],
  'session:set_state': conversationUpdated,
  'session:set_block': conversationUpdated,
  'session:update_verify': conversationUpdated,
  'session:set_email': conversationUpdated,
  'session:set_phone': conversationUpdated,
  'session:set_address': conversationUpdated,
  'session:set_subject': conversationUpdated,
  'session:set_avatar': conversationUpdated,
  'session:set_nickname': conversationUpdated,
  'session:set_origin': conversationUpdated,
  'session:set_data': conversationUpdated,
  'session:set_segments': conversationUpdated,
  'session:set_participants': conversationUpdated,
  'session:set_inbox': conversationUpdated,
  'session:sync:topic': conversationUpdated,
  'people:bind:session': conversationUpdated,
  'campaign:progress': (reading) => [campaignProgress(reading)],
  'campaign:dispatched': (reading) => [{ name: 'campaign.completed', ...ofCampaign(reading) }],
  'campaign:running': (reading) => {
    const runs = reading.native.data.running === true;
    return [{ name: runs ? 'campaign.started' : 'campaign.paused', ...ofCampaign(reading) }];
  },
  'people:profile:created': (reading) => [{ name: 'contact.created', ...aboutPerson(reading) }],
  'people:profile:updated': (reading) => [{ name: 'contact.updated', ...aboutPerson(reading) }],
  'people:sync:profile': (reading) => [{ name: 'contact.updated', ...aboutPerson(reading) }],
  'people:profile:removed': (reading) => [{ name: 'contact.deleted', ...aboutPerson(reading) }],
};

/** An event of a session without an id of its own. */
function inSession(reading: Reading) {
  const data = decode(SessionEventCodec, reading.native.data, () => `Crisp ${reading.native.name}`);
  const conversationId = toPlaceId(reading.view, placeOf(data));
  const line = `${reading.native.name}:${data.session_id}`;
  return { ...headOf(reading, undatedId(reading, data.session_id, line)), conversationId };
}

/** Blocking closes a conversation; what it is after unblocking, the event does not tell. */
function changesIn({ native, view }: Reading): ConversationChanges {
  const { data, name } = native;
  switch (name) {
    case 'session:set_state':
      return typeof data.state === 'string' ? { status: fromCrispState(data.state) } : {};
    case 'session:set_block':
      return data.is_blocked === true ? { status: 'closed' } : {};
    case 'session:set_data':
      return { fields: fromCrispData(data.data) };
    case 'session:set_subject':
      return typeof data.subject === 'string' ? { name: data.subject } : {};
    case 'session:set_nickname': {
      const nickname = textIn(data, 'nickname');
      return nickname ? { contactName: nickname } : {};
    }
    case 'session:set_origin': {
      const channel = fromCrispOrigin(textIn(data, 'origin'));
      return channel === undefined ? {} : { channel };
    }
    case 'people:bind:session': {
      const id = textIn(data, 'people_id');
      const website = textIn(data, 'website_id');
      return id ? { contactId: toPlaceId(view, { id, ...(website && { website }) }) } : {};
    }
    default:
      return {};
  }
}

function assigned(reading: Reading): Event {
  const { view, native } = reading;
  const operator = textIn(native.data, 'routing_id');
  return {
    name: 'conversation.assigned',
    ...inSession(reading),
    assigneeIds: operator ? [toId(view.account, operator)] : [],
    toSelf: operator === view.selfId,
    changes: operator ? fromCrispAssignee(operator, view) : { assigneeId: null, participants: [] },
  };
}

function ofCampaign(reading: Reading) {
  const data = decode(CampaignEventCodec, reading.native.data, () => `Crisp ${reading.native.name}`);
  return {
    ...headOf(reading, undatedId(reading, data.campaign_id)),
    campaignId: toId(reading.view.account, data.campaign_id),
  };
}

function campaignProgress(reading: Reading): Event {
  const { progress } = reading.native.data;
  const event = { name: 'campaign.progress' as const, ...ofCampaign(reading) };
  return typeof progress === 'number' ? { ...event, percent: progress } : event;
}

function aboutPerson(reading: Reading) {
  const data = decode(PersonEventCodec, reading.native.data, () => `Crisp ${reading.native.name}`);
  const place = { id: data.people_id, ...(data.website_id && { website: data.website_id }) };
  return {
    ...headOf(reading, undatedId(reading, data.people_id)),
    contactId: toPlaceId(reading.view, place),
  };
}
