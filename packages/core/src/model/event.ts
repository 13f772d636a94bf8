import type { CampaignCounts, TemplateStatus } from './campaign.js';
import type { Address, Contact } from './contact.js';
import type { Conversation, ConversationChanges, ConversationStatus } from './conversation.js';
import type { Id } from './id.js';
import type { Message } from './message.js';

interface EventHead<Name extends string> {
  name: Name;
  /**
   * `account:<provider's event key>`: the same on every redelivery. The engine drops a second one with the same
   * provider, account, conversation and id.
   */
  id: Id;
  provider: string;
  account: string;
  /** ISO 8601, UTC: when it happened, by the provider's clock. */
  at: string;
  /** The provider's own name for it, for example `message.create.contact.chat.contact` at Web1on1. */
  native: string;
  /** The raw payload, if the account keeps it (`keepRaw`). */
  raw?: unknown;
}

interface InConversation {
  conversationId: Id;
  /** The snapshot that came with the event. It may be older than what is known: `turn.conversation` is the newest. */
  conversation?: Conversation;
  /** What the event tells about the conversation where it carries no snapshot: merged into what is known of it. */
  changes?: ConversationChanges;
}

/** The campaign at the provider that a message belongs to, where the provider's own campaigns are the source. */
interface OfCampaign {
  campaign?: { id: Id; to: Address };
}

interface WithMessage extends InConversation, OfCampaign {
  message: Message;
}

/** The later life of a message that went out; `messageId` is the provider's. */
interface WithMessageStatus extends InConversation, OfCampaign {
  messageId: Id;
}

/** Everything that can happen, by name. One docstring each: this is the vocabulary. */
export interface EventMap {
  /** A contact wrote, or a colleague wrote in a team conversation. Never our own words. */
  'message.received': EventHead<'message.received'> & WithMessage;
  /** A message went out to the contact, whoever wrote it; `message.author.self` marks our own. */
  'message.sent': EventHead<'message.sent'> & WithMessage;
  /** It reached the contact's device. */
  'message.delivered': EventHead<'message.delivered'> & WithMessageStatus;
  /** The contact has seen it. */
  'message.read': EventHead<'message.read'> & WithMessageStatus;
  /** It did not reach the contact; `reason` is the provider's, without the message's text. */
  'message.failed': EventHead<'message.failed'> & WithMessageStatus & { reason?: string };
  /** A stored message was changed; `message` is the new version. */
  'message.updated': EventHead<'message.updated'> & WithMessage;
  'message.deleted': EventHead<'message.deleted'> & WithMessageStatus;
  /** Somebody wrote a note that the contact never sees. */
  'note.created': EventHead<'note.created'> & WithMessage;
  /** A colleague called the bot by a command: `>remind tomorrow` is command `remind`, args `tomorrow`. */
  'command.received': EventHead<'command.received'> & WithMessage & { command: string; args: string };
  /** A colleague mentioned the bot in a comment. */
  'mention.received': EventHead<'mention.received'> & WithMessage;
  'typing.started': EventHead<'typing.started'> & InConversation & { by: 'contact' | 'agent' };
  'typing.stopped': EventHead<'typing.stopped'> & InConversation & { by: 'contact' | 'agent' };
  'conversation.created': EventHead<'conversation.created'> & InConversation;
  /** Anything about it changed: status, fields, participants. */
  'conversation.updated': EventHead<'conversation.updated'> &
    InConversation & { status?: ConversationStatus };
  /** Somebody was asked to take it; `toSelf` if that is this account. */
  'conversation.assigned': EventHead<'conversation.assigned'> &
    InConversation & {
      assigneeIds: Id[];
      toSelf: boolean;
    };
  'conversation.deleted': EventHead<'conversation.deleted'> & InConversation;
  'contact.created': EventHead<'contact.created'> & { contactId: Id; contact?: Contact };
  'contact.updated': EventHead<'contact.updated'> & { contactId: Id; contact?: Contact };
  'contact.deleted': EventHead<'contact.deleted'> & { contactId: Id };
  /** A timer that the bot has set for this conversation is due (`turn.setTimer`). */
  'timer.fired': EventHead<'timer.fired'> & {
    conversationId: Id;
    timer: {
      name: string;
      /** What it was set with. */
      data?: unknown;
    };
  };
  /** The channel has decided about a campaign's template, or has changed its mind. */
  'template.updated': EventHead<'template.updated'> & {
    campaignId: Id;
    status: TemplateStatus;
    previous?: TemplateStatus;
  };
  'campaign.created': EventHead<'campaign.created'> & { campaignId: Id };
  /** A run began, or went on after a pause. */
  'campaign.started': EventHead<'campaign.started'> & { campaignId: Id };
  /** Nothing new leaves. `reason`: what has to be put right before it is resumed; missing where somebody wanted it so. */
  'campaign.paused': EventHead<'campaign.paused'> & { campaignId: Id; reason?: string };
  /** More is known of how far it has come: `counts` are totals, `percent` is 0 to 100. */
  'campaign.progress': EventHead<'campaign.progress'> & {
    campaignId: Id;
    counts?: CampaignCounts;
    percent?: number;
  };
  /** Everything has been sent. Who reads it later still counts. */
  'campaign.completed': EventHead<'campaign.completed'> & { campaignId: Id };
  /** A run was refused, or its template was: nobody got anything, and nobody will. Told by `@parley/broadcast`; `reason` is the provider's. */
  'campaign.failed': EventHead<'campaign.failed'> & { campaignId: Id; reason?: string };
  /** Anything of the provider's that has no neutral word. */
  'provider.event': EventHead<'provider.event'> & {
    conversationId?: Id;
    conversation?: Conversation;
    /** The provider's payload as it came. */
    payload: unknown;
  };
}

export type EventName = keyof EventMap;

/** Something that happened at a provider, in neutral words. Plain JSON. */
export type Event = EventMap[EventName];

export type EventOf<Name extends EventName> = EventMap[Name];
