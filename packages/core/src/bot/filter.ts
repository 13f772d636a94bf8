import { ParleyError } from '../errors.js';
import type { ContentKind } from '../model/content.js';
import { textOf } from '../model/content.js';
import type { Conversation, FieldValue } from '../model/conversation.js';
import type { Event } from '../model/event.js';
import type { AuthorRole, Message } from '../model/message.js';

/** A string matches the whole text, whatever its case and the spaces around it; a RegExp is searched for. */
export type Pattern = string | RegExp;

type OneOrMore<T> = T | readonly T[];

/** All conditions must hold; of several values for one condition, one must. An event without the thing does not match. */
export interface Filter<AccountName extends string = string> {
  account?: OneOrMore<AccountName>;
  provider?: OneOrMore<string>;
  /** `whatsapp`, `sms`, ... of the message, else of the conversation. */
  channel?: OneOrMore<string>;
  /** The role of the message's author. */
  role?: OneOrMore<AuthorRole>;
  content?: OneOrMore<ContentKind>;
  /** The words of the message, the label or the value of a pressed button. */
  text?: OneOrMore<Pattern>;
  /** Custom values of the conversation. Values are compared as strings: some providers store nothing else. */
  fields?: Record<string, OneOrMore<FieldValue | RegExp>>;
  /** Team conversations (among colleagues) or those with a contact. */
  kind?: Conversation['kind'];
  status?: OneOrMore<Conversation['status']>;
  /** True: only our own messages; false: never those. */
  self?: boolean;
  /** True: only conversations this account takes part in or follows; false: only the others. */
  joined?: boolean;
  /** True: only conversations that a human colleague has taken; false: only the others. */
  assigned?: boolean;
  /** Who speaks to the contact, see `turn.control`. */
  control?: 'bot' | 'human';
  /** The name of the timer that fired. */
  timer?: OneOrMore<string>;
  /** The provider's own name of the event; `*` stands for one word, a trailing `*` for the rest. */
  native?: OneOrMore<string>;
}

export interface Matchable {
  readonly event: Event;
  readonly message: Message | undefined;
  readonly conversation: Conversation | undefined;
  /** The button that was pressed, also by its number or by its label. */
  readonly choice: { value: string; label?: string } | undefined;
  readonly control: 'bot' | 'human';
}

export interface Match {
  /** What a RegExp of `text` captured. */
  groups?: RegExpExecArray;
}

export type Matcher = (what: Matchable) => Match | undefined;

const YES: Match = {};
const FILTER_KEYS: ReadonlySet<string> = new Set([
  'account',
  'provider',
  'channel',
  'role',
  'content',
  'text',
  'fields',
  'kind',
  'status',
  'self',
  'joined',
  'assigned',
  'control',
  'timer',
  'native',
]);

/** Prepares a filter once, so that matching an event allocates nothing. */
export function compileFilter(filter: Filter): Matcher | undefined {
  for (const key of Object.keys(filter)) {
    if (!FILTER_KEYS.has(key)) {
      throw new ParleyError(
        'ERR_CONFIG',
        `filter.${key}: unknown; expected one of ${[...FILTER_KEYS].join(', ')}`,
      );
    }
  }
  const tests = testsOf(filter);
  const text = filter.text === undefined ? undefined : compilePatterns(listOf(filter.text));
  if (tests.length === 0 && text === undefined) return undefined;
  return (what) => {
    for (const test of tests) if (!test(what)) return undefined;
    return text === undefined ? YES : text(what);
  };
}

type Test = (what: Matchable) => boolean;

function testsOf(filter: Filter): Test[] {
  const tests: Test[] = [];
  const compare = <T>(wanted: OneOrMore<T> | undefined, read: (what: Matchable) => T | undefined): void => {
    if (wanted === undefined) return;
    const values = new Set<T | undefined>(listOf(wanted));
    values.delete(undefined);
    tests.push((what) => values.has(read(what)));
  };
  compare(filter.account, ({ event }) => event.account);
  compare(filter.provider, ({ event }) => event.provider);
  compare(filter.channel, ({ message, conversation }) => message?.channel ?? conversation?.channel);
  compare(filter.role, ({ message }) => message?.author.role);
  compare(filter.content, ({ message }) => message?.content.kind);
  compare(filter.kind, ({ conversation }) => conversation?.kind);
  compare(filter.status, ({ conversation }) => conversation?.status);
  compare(filter.control, ({ control }) => control);
  compare(filter.timer, ({ event }) => (event.name === 'timer.fired' ? event.timer.name : undefined));
  compare(filter.self, ({ message }) => (message === undefined ? undefined : message.author.self === true));
  compare(filter.joined, ({ conversation }) =>
    conversation === undefined ? undefined : hasJoined(conversation),
  );
  compare(filter.assigned, ({ conversation }) =>
    conversation === undefined ? undefined : isAssigned(conversation),
  );
  for (const [key, wanted] of Object.entries(filter.fields ?? {})) tests.push(fieldTest(key, listOf(wanted)));
  if (filter.native !== undefined) {
    const patterns = listOf(filter.native).map(nativePattern);
    tests.push(({ event }) => patterns.some((pattern) => pattern.test(event.native)));
  }
  return tests;
}

function hasJoined(conversation: Conversation): boolean {
  const me = conversation.participants?.find((participant) => participant.self);
  return me?.active === true || me?.following === true;
}

function isAssigned({ participants = [] }: Conversation): boolean {
  return participants.some(
    ({ role, accepted, self }) => role === 'agent' && accepted === true && self !== true,
  );
}

function fieldTest(key: string, wanted: readonly (FieldValue | RegExp)[]): Test {
  return ({ conversation }) => {
    const { fields } = conversation ?? {};
    if (fields === undefined || !Object.hasOwn(fields, key)) return false;
    const value = String(fields[key]);
    return wanted.some((want) => (want instanceof RegExp ? value.search(want) >= 0 : String(want) === value));
  };
}

function nativePattern(pattern: string): RegExp {
  const quoted = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const last = quoted.pop() ?? '';
  const trailing = last === '' && quoted.length > 0;
  return trailing
    ? new RegExp(`^${quoted.join('[^.]+')}.+$`)
    : new RegExp(`^${[...quoted, last].join('[^.]+')}$`);
}

/** Matches the words of a message, a pressed button's label or its value. */
export function compilePatterns(patterns: readonly Pattern[]): Matcher {
  const whole = new Set<string>();
  const searched: RegExp[] = [];
  for (const pattern of patterns) {
    // `g` and `y` make a RegExp remember where it stopped: the next message would be searched from there.
    if (pattern instanceof RegExp) searched.push(new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')));
    else if (typeof pattern === 'string') whole.add(pattern.trim().toLowerCase());
    else throw new ParleyError('ERR_CONFIG', 'text: expected a string, a RegExp or an array of them');
  }
  const matchOne = (text: string | undefined): Match | undefined => {
    if (text === undefined) return undefined;
    if (whole.size > 0 && whole.has(text.trim().toLowerCase())) return YES;
    for (const pattern of searched) {
      const groups = pattern.exec(text);
      if (groups !== null) return { groups };
    }
    return undefined;
  };
  return ({ message, choice }) => {
    if (message === undefined) return undefined;
    return (
      matchOne(textOf(message.content)) ??
      (choice && (matchOne(choice.value) ?? matchOne(choice.label))) ??
      undefined
    );
  };
}

function listOf<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
