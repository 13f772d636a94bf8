import type { Auth } from './auth.js';
import { postMessages } from './conversations.js';
import { readMessage } from './message.js';
import { newRecord, type Platform } from './platform.js';
import { ApiError, type JsonObject, type Message, snapshot } from './records.js';

/** A human agent in the console, for a test to play. */
export interface Agent {
  userId: string;
  /** An access token with agent scope. */
  token: string;
  /** To the consumer; takes responsibility for the conversation. */
  say(conversationId: string, text: string): Message;
  accept(conversationId: string): Message;
  leave(conversationId: string): Message;
  /** To colleagues only. */
  note(conversationId: string, text: string): Message;
  mention(conversationId: string, userId: string, text: string): Message;
  /** `/assign`, `>remind`, and so on. */
  command(conversationId: string, text: string, meta?: JsonObject): Message;
}

export function createAgent(
  platform: Platform,
  auth: Auth,
  organization: string,
  { name, email }: { name: string; email?: string },
): Agent {
  const fresh = newRecord(platform);
  const known = email === undefined ? undefined : platform.users.find((user) => user.email === email);
  const user =
    known ??
    platform.users.put({
      ...fresh,
      name,
      displayName: name,
      email: email ?? `agent+${fresh.id}@web1on1.chat`,
      status: 'active',
      organizations: [{ organization, selected: true, role: 'agent' }],
      meta: {},
    });
  const post = (conversationId: string, body: JsonObject): Message => {
    const conversation = platform.conversations.get(conversationId);
    if (conversation === undefined) throw new ApiError(404, 'Conversation not found');
    const [message] = postMessages(platform, conversation, [readMessage({ role: 'agent', ...body })], user);
    return snapshot(message as Message);
  };
  const command = (conversationId: string, text: string, meta: JsonObject = {}) =>
    post(conversationId, { type: 'command', text, meta });
  return {
    userId: user.id,
    token: auth.issue(user).token,
    say: (conversationId, text) => post(conversationId, { text }),
    accept: (conversationId) => command(conversationId, '/accept'),
    leave: (conversationId) => command(conversationId, '/leave'),
    note: (conversationId, text) => post(conversationId, { text, isBackchannel: true }),
    mention: (conversationId, userId, text) =>
      post(conversationId, { type: 'mention', text, meta: { targetUser: userId } }),
    command,
  };
}
