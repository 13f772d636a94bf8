import { ApiError, isObject, type Json, type JsonObject, type MessageRole } from './records.js';

/** The twelve types (developers.web1on1.chat, message types). */
export const MESSAGE_TYPES = [
  'chat',
  'card',
  'postback',
  'mention',
  'tag',
  'search',
  'command',
  'form',
  'field',
  'results',
  'report',
  'status',
] as const;

const ROLES: readonly string[] = ['contact', 'agent', 'bot'];

/** A message as a client may post it, checked. */
export interface PostedMessage {
  type: string;
  role: MessageRole;
  user?: string;
  text?: string;
  contentType: string;
  isBackchannel: boolean;
  touchpoint?: string;
  /** Milliseconds from acceptance. */
  delay: number;
  actions?: Json[];
  items?: Json[];
  results?: Json[];
  meta: JsonObject;
}

/** Checks one posted message and fills in the defaults; 400 names the field. */
export function readMessage(body: unknown): PostedMessage {
  if (!isObject(body)) throw new ApiError(400, 'A message must be an object');
  const { type = 'chat', role = 'bot', delay = 0, meta, isBackchannel = false, text } = body;
  if (!(MESSAGE_TYPES as readonly Json[]).includes(type)) throw invalid('type', MESSAGE_TYPES.join(', '));
  if (typeof role !== 'string' || !ROLES.includes(role)) throw invalid('role', ROLES.join(', '));
  if (typeof delay !== 'number' || !Number.isInteger(delay) || delay < 0)
    throw invalid('delay', 'milliseconds');
  if (meta !== undefined && meta !== null && !isObject(meta)) throw invalid('meta', 'an object');
  if (typeof isBackchannel !== 'boolean') throw invalid('isBackchannel', 'true or false');
  if (text !== undefined && typeof text !== 'string') throw invalid('text', 'text');

  const lists = {
    actions: list(body, 'actions'),
    items: list(body, 'items'),
    results: list(body, 'results'),
  };
  const hasContent = Object.values(lists).some((items) => items !== undefined && items.length > 0);
  if ((text === undefined || text === '') && !hasContent) throw new ApiError(400, 'text is required');

  return withoutUndefined({
    type: String(type),
    role: role as MessageRole,
    user: string(body, 'user'),
    text,
    contentType: string(body, 'contentType') ?? 'text/plain',
    isBackchannel,
    touchpoint: string(body, 'touchpoint'),
    delay,
    ...lists,
    meta: meta ?? {},
  });
}

/** Whether the consumer is to see it: role `agent`, not in the back channel (developers.web1on1.chat, bubbles). */
export function isForConsumer(message: { type: string; role: string; isBackchannel: boolean }): boolean {
  return (
    message.role === 'agent' && !message.isBackchannel && (message.type === 'chat' || message.type === 'card')
  );
}

function list(body: JsonObject, name: string): Json[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalid(name, 'an array');
  return value;
}

function string(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(name, 'text');
  return value;
}

function invalid(field: string, expected: string): ApiError {
  return new ApiError(400, `Validation failed: ${field}: expected ${expected}`);
}

export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}
