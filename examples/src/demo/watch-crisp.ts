import type {
  CrispConversation,
  CrispEmulator,
  CrispMessage,
  JournalEntry,
  JsonObject,
} from '@parley/emulators';
import type { Observation, Watched } from './observer.js';
import { answerIn } from './transcript.js';

interface Choice {
  value: string;
  label: string;
  selected?: boolean;
  action?: { target: string };
}

/**
 * What an emulated Crisp has recorded. It keeps no time with the answer to a picker: `pressedAt` does, in ISO 8601, and is added
 * to.
 */
export function watchCrisp(emulator: CrispEmulator, pressedAt: Record<string, string>): Watched {
  return {
    messages: () =>
      emulator
        .conversations()
        .flatMap((conversation) =>
          conversation.messages.flatMap((message) => [
            said(conversation, message),
            ...pressed(conversation, message, pressedAt),
          ]),
        ),
    states: () => [
      ...socketOf(emulator),
      ...emulator.conversations().map((conversation) => ({
        id: conversation.session_id,
        state: conversation.state,
        observe: (): Observation => ({
          at: timeOf(conversation.updated_at),
          kind: 'fact',
          how: 'status',
          text: `${nicknameIn(conversation.meta)}: ${conversation.state}`,
        }),
      })),
    ],
    lists: { request: () => emulator.journal.entries },
    observe: (_list, record) => requested(record as JournalEntry),
  };
}

function said(conversation: CrispConversation, message: CrispMessage) {
  const { session_id, fingerprint, timestamp, type, from, automated, user } = message;
  return {
    id: `${session_id}/${fingerprint}`,
    observe: (): Observation => ({
      at: timeOf(timestamp),
      kind: 'message',
      author: from === 'user' ? nameOf(conversation) : automated === true ? 'Bot' : nicknameIn(user),
      how: type === 'note' ? 'note' : 'web chat',
      text: wordsOf(message),
      buttons: choicesIn(message).map(({ label, action }) =>
        action === undefined ? label : `${label}: ${action.target}`,
      ),
    }),
  };
}

function pressed(conversation: CrispConversation, message: CrispMessage, pressedAt: Record<string, string>) {
  const choice = choicesIn(message).find(({ selected }) => selected);
  if (choice === undefined) return [];
  const id = `${message.session_id}/${message.fingerprint}=${choice.value}`;
  pressedAt[id] ??= timeOf(conversation.updated_at);
  const at = pressedAt[id];
  const observe = (): Observation => ({
    at,
    kind: 'message',
    author: nameOf(conversation),
    how: 'button',
    text: choice.value,
    buttons: [],
  });
  return [{ id, observe }];
}

/** Which socket the bot listens to; nothing while there is none. */
function socketOf({ rtm, clock }: CrispEmulator) {
  const listening = rtm.connections.find(({ identifier }) => identifier !== undefined);
  if (listening === undefined) return [];
  const text = `the bot listens to ${listening.events.length} kinds of events`;
  const observe = (): Observation => ({ at: clock.iso(), kind: 'fact', how: 'socket', text });
  return [{ id: 'socket', state: listening.id, observe }];
}

/** What is written; reading, which the bot does after each connection and once more a little later, would be noise. */
function requested(request: JournalEntry): Observation | undefined {
  const { at, method, path } = request;
  if (method === 'GET') return undefined;
  const shortened = path.replace(/[0-9a-f]{8}-[0-9a-f-]{23}([0-9a-f]{4})/g, '…$1');
  return { at, kind: 'fact', how: 'request', text: `${method} ${shortened}  ${answerIn(request)}` };
}

function nameOf({ meta }: CrispConversation): string {
  return nicknameIn(meta).split(' ', 1)[0] ?? '';
}

function nicknameIn({ nickname }: JsonObject): string {
  return typeof nickname === 'string' ? nickname : '';
}

function wordsOf({ content }: CrispMessage): string {
  if (typeof content === 'string') return content;
  const { text } = content as { text?: string };
  return text ?? '';
}

function choicesIn({ type, content }: CrispMessage): Choice[] {
  return type === 'picker' ? (content as unknown as { choices: Choice[] }).choices : [];
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
