import type { JsonObject } from '../json.js';
import { setState } from './conversations.js';
import { writeMessage } from './messages.js';
import type { Platform } from './platform.js';
import type { ConversationState, CrispConversation, Keypair, Website } from './records.js';

/** A change of state by somebody. Resolving also leaves a line in the conversation. */
export function changeState(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  state: ConversationState,
  { keypair, user, origin = 'chat' }: { keypair?: Keypair; user?: JsonObject; origin?: string } = {},
): void {
  if (conversation.state === state) return;
  setState(platform, conversation, state);
  if (state !== 'resolved') return;
  const content = { namespace: 'state:resolved' };
  const line = { type: 'event', from: 'operator', origin, content, ...(user !== undefined && { user }) };
  writeMessage(platform, website, conversation, line, keypair);
}
