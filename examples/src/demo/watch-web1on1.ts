import type {
  Conversation,
  JournalEntry,
  Message,
  Web1on1Emulator,
  WebhookDelivery,
} from '@parley/emulators';
import type { Observation, Watched } from './observer.js';
import { answerIn } from './transcript.js';

/** What an emulated Web1on1 has recorded. */
export function watchWeb1on1(emulator: Web1on1Emulator): Watched {
  const nameOf = (user: string): string => {
    if (user === emulator.credentials.botUser) return 'Bot';
    const name = emulator.resource('users').get(user)?.name;
    return typeof name === 'string' ? name : user;
  };
  const authorOf = ({ user, conversation }: Message): string => {
    if (user !== undefined) return nameOf(user);
    const name = emulator.conversations.get(conversation)?.name ?? '';
    return name.split(' ')[0] ?? name;
  };
  const delivered = (delivery: WebhookDelivery): Observation | undefined => {
    const message = emulator.messages.get(delivery.messageId ?? '');
    // Everything that happens is told to the bot; echoes of what it did itself would be noise.
    if (message === undefined || !delivery.event.startsWith('message.')) return undefined;
    if (message.role !== 'contact' && delivery.attempt === 1) return undefined;
    const { at, event, attempt } = delivery;
    const again = attempt === 1 ? '' : ` (delivery ${attempt})`;
    const text = `${event} by ${authorOf(message)}${again}  ${answerIn(delivery)}`;
    return { at, kind: 'fact', how: 'webhook', text };
  };

  return {
    messages: () =>
      emulator.messages.list().map((message) => ({
        id: message.id,
        observe: () => ({
          at: message.createdAt,
          kind: 'message',
          author: authorOf(message),
          how: howOf(message),
          text: wordsOf(message),
          buttons: buttonsOf(message),
        }),
      })),
    states: () =>
      emulator.conversations.list().map((conversation) => ({
        id: conversation.id,
        state: JSON.stringify([conversation.status, ownersOf(conversation)]),
        observe: () => ({
          at: conversation.updatedAt,
          kind: 'fact',
          how: 'status',
          text: stateOf(conversation, nameOf),
        }),
      })),
    lists: { request: () => emulator.journal.entries, delivery: () => emulator.webhooks.deliveries },
    observe: (list, record) =>
      list === 'delivery' ? delivered(record as WebhookDelivery) : requested(record as JournalEntry),
  };
}

function requested(request: JournalEntry): Observation {
  const { at, method, path } = request;
  const text = `${method} ${path.replace(/[0-9a-f]{20}([0-9a-f]{4})/g, '…$1')}  ${answerIn(request)}`;
  return { at, kind: 'fact', how: 'request', text };
}

function howOf({ type, isBackchannel, role, touchpoint }: Message): string {
  if (isBackchannel) return 'note';
  if (type === 'postback') return 'button';
  if (type !== 'chat') return type;
  return role === 'bot' ? 'note' : (touchpoint ?? 'chat');
}

function wordsOf({ text = '', meta }: Message): string {
  const { template, ...variables } = meta;
  return template === undefined ? text : `template "${text}" with ${JSON.stringify(variables)}`;
}

function buttonsOf({ actions }: Message): string[] {
  if (!Array.isArray(actions)) return [];
  const buttons = actions as { type: string; text: string; uri?: string }[];
  return buttons.map(({ text, uri }) => (uri === undefined ? text : `${text}: ${uri}`));
}

function ownersOf({ participants }: Conversation): string[] {
  return participants.filter(({ accepted }) => accepted).map(({ user }) => user);
}

function stateOf(conversation: Conversation, nameOf: (user: string) => string): string {
  const owners = ownersOf(conversation).map(nameOf);
  const whose = owners.length === 0 ? 'nobody has it' : `accepted by ${owners.join(' and ')}`;
  return `${conversation.name}: ${conversation.status}, ${whose}`;
}
