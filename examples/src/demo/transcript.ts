import { styleText } from 'node:util';
import type {
  Conversation,
  JournalEntry,
  Message,
  Web1on1Emulator,
  WebhookDelivery,
} from '@parley/emulators';
import type { Observation } from './observer.js';

type Style = Parameters<typeof styleText>[0];

/** Prints what happens as a conversation that a person can read. Colours only on a terminal. */
export interface Transcript {
  /** The heading of what comes next. */
  heading(text: string): void;
  /** What was counted or compared. */
  finding(text: string): void;
  remark(text: string): void;
  /** Something that Parley itself says. */
  parley(text: string): void;
  show(observation: Observation): void;
}

export function createTranscript(emulator: Web1on1Emulator, print: (line: string) => void): Transcript {
  const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });
  const line = (at: string, who: string, how: string, text: string, style: Style): void => {
    const [first = '', ...rest] = text.split('\n');
    print(
      `${paint('dim', at.padEnd(12))}  ${paint(style, who.padEnd(8))}${paint('dim', how.padEnd(10))}${first}`,
    );
    for (const more of rest) print(`${' '.repeat(32)}${more}`);
  };
  const nameOf = (user: string): string => {
    if (user === emulator.credentials.botUser) return 'Bot';
    const name = emulator.resource('users').get(user)?.name;
    return typeof name === 'string' ? name : user;
  };

  const showMessage = (at: string, message: Message): void => {
    const author = authorOf(emulator, message, nameOf);
    line(timeOf(at), author, howOf(message), wordsOf(message), author === 'Bot' ? 'green' : 'cyan');
    const buttons = buttonsOf(message);
    if (buttons !== '') print(`${' '.repeat(32)}${paint('bold', buttons)}`);
  };
  const showQuietly = (at: string, how: string, text: string): void =>
    print(paint('dim', `${timeOf(at).padEnd(12)}  ${' '.repeat(8)}${how.padEnd(10)}${text}`));

  return {
    heading: (text) => print(`\n${paint('bold', text)}`),
    finding: (text) => print(paint('green', `${' '.repeat(14)}✓ ${text}`)),
    remark: (text) => print(text),
    parley: (text) => line('', 'Parley', 'says', text, 'yellow'),
    show(observation) {
      const { at } = observation;
      switch (observation.kind) {
        case 'message':
          showMessage(at, observation.message);
          break;
        case 'conversation':
          showQuietly(at, 'status', stateOf(observation.conversation, nameOf));
          break;
        case 'request':
          showQuietly(at, 'request', requestLine(observation.request));
          break;
        case 'delivery': {
          const { delivery } = observation;
          const message = emulator.messages.get(delivery.messageId ?? '');
          // Everything that happens is told to the bot; echoes of what it did itself would be noise.
          if (message === undefined || !delivery.event.startsWith('message.')) break;
          if (message.role === 'contact' || delivery.attempt > 1) {
            showQuietly(at, 'webhook', deliveryLine(delivery, authorOf(emulator, message, nameOf)));
          }
        }
      }
    },
  };
}

function requestLine({ method, path, status, fault }: JournalEntry): string {
  const answer = status === 0 ? 'no answer' : String(status);
  const shortened = path.replace(/[0-9a-f]{20}([0-9a-f]{4})/g, '…$1');
  return `${method} ${shortened}  ${answer}${fault === undefined ? '' : ` (injected: ${fault})`}`;
}

function deliveryLine({ event, status, attempt }: WebhookDelivery, author: string): string {
  const again = attempt === 1 ? '' : ` (delivery ${attempt})`;
  return `${event} by ${author}${again}  ${status === 0 ? 'no answer' : status}`;
}

/** `10:21:44.902`, UTC. */
function timeOf(at: string): string {
  return at.slice(11, 23);
}

function authorOf(emulator: Web1on1Emulator, message: Message, nameOf: (user: string) => string): string {
  if (message.user !== undefined) return nameOf(message.user);
  const name = emulator.conversations.get(message.conversation)?.name ?? '';
  return name.split(' ')[0] ?? name;
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

function buttonsOf({ actions }: Message): string {
  if (!Array.isArray(actions)) return '';
  const buttons = actions as { type: string; text: string; uri?: string }[];
  return buttons.map(({ text, uri }) => (uri === undefined ? `[${text}]` : `[${text}: ${uri}]`)).join(' ');
}

function stateOf({ name, status, participants }: Conversation, nameOf: (user: string) => string): string {
  const owners = participants.filter(({ accepted }) => accepted).map(({ user }) => nameOf(user));
  return `${name}: ${status}${owners.length === 0 ? ', nobody has it' : `, accepted by ${owners.join(' and ')}`}`;
}
