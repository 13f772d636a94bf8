import { displayName, homeOf, type Platform } from './platform.js';
import type { Conversation, Message, Participant } from './records.js';

/** What a stored message does to its conversation. May return what is to be told once the message itself was. */
export type MessageEffect = (
  platform: Platform,
  conversation: Conversation,
  message: Message,
) => (() => void) | undefined;

/** The user's place in the conversation, made if there is none; undefined for an unknown user. */
export function participantOf(
  platform: Platform,
  conversation: Conversation,
  userId: string,
): Participant | undefined {
  const present = conversation.participants.find(({ user }) => user === userId);
  if (present !== undefined) return present;
  const user = platform.users.get(userId);
  if (user === undefined) return undefined;
  const { organization, role } = homeOf(user);
  const participant: Participant = {
    user: userId,
    role,
    name: displayName(user),
    organization,
    active: false,
    accepted: false,
    follow: false,
    inbox: false,
  };
  conversation.participants.push(participant);
  return participant;
}

/** Present, without taking responsibility. Implicit in a first message. */
export function joinConversation(
  platform: Platform,
  conversation: Conversation,
  userId: string,
): Participant | undefined {
  const participant = participantOf(platform, conversation, userId);
  if (participant !== undefined) Object.assign(participant, { active: true, follow: true });
  return participant;
}

/** Takes responsibility; the conversation is active from then on. */
export function acceptConversation(platform: Platform, conversation: Conversation, userId: string): void {
  const participant = joinConversation(platform, conversation, userId);
  if (participant === undefined) return;
  Object.assign(participant, { accepted: true, inbox: false });
  conversation.status = 'active';
}
