import type { Web1on1Conversation } from './wire/conversation.js';
import type { Web1on1Message } from './wire/message.js';
import { referencedId } from './wire/reference.js';

/** Which new messages the bot does not get to hear about. Nothing else is ever filtered: failures, changes, conversations. */
export interface IgnoreOptions {
  /** Echoes of what this account wrote itself. Default true. Without a token and a bot's e-mail there is no "itself". */
  self?: boolean;
  /**
   * What has role `bot`, unless it is an assignment, a command or a mention aimed at us. A bot that speaks as `agent`
   * passes. Default true.
   */
  bots?: boolean;
  /** Conversations that we neither are in nor follow, with the same exceptions. Default false. */
  unjoined?: boolean;
  /** Conversations that somebody else has accepted. Default false. */
  assignedToOthers?: boolean;
  /** Messages of a bot instance that the organization has switched off. Default true. */
  disabled?: boolean;
}

export type Ignore = Required<IgnoreOptions>;

/** True if this new message is to be dropped. `aimedAtUs`: an assignment, a command or a mention for this account. */
export function isIgnored(
  ignore: Ignore,
  selfId: string | undefined,
  message: Web1on1Message,
  conversation: Web1on1Conversation,
  aimedAtUs: boolean,
): boolean {
  if (ignore.self && selfId !== undefined && referencedId(message.user) === selfId) return true;
  if (ignore.bots && message.role === 'bot' && !aimedAtUs) return true;
  if (ignore.disabled && message.instance?.enabled === false) return true;
  if (ignore.unjoined && !aimedAtUs && !takesPart(selfId, conversation)) return true;
  return ignore.assignedToOthers && isTakenByOthers(selfId, conversation);
}

function takesPart(selfId: string | undefined, conversation: Web1on1Conversation): boolean {
  for (const participant of conversation.participants ?? []) {
    if (referencedId(participant.user) === selfId)
      return participant.active === true || participant.follow === true;
  }
  return false;
}

function isTakenByOthers(selfId: string | undefined, conversation: Web1on1Conversation): boolean {
  for (const participant of conversation.participants ?? []) {
    if (participant.accepted === true && referencedId(participant.user) !== selfId) return true;
  }
  return false;
}
