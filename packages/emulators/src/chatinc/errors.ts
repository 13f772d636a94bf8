import type { Json } from '../json.js';
import type { ChatIncSwitches } from './switches.js';

/** An answer other than 2xx. */
export class ChatIncError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const invalid = (message: string) => new ChatIncError(400, message);
export const notFound = (noun: string) => new ChatIncError(404, `${noun} not found`);

/** No error body is documented: each of these forms is one that somebody might meet. */
export function errorBody(form: ChatIncSwitches['errorForm'], message: string): Json {
  if (form === 'text') return message;
  const said: Record<typeof form, { [key: string]: Json }> = {
    message: { message },
    error: { error: message },
    nested: { error: { message } },
    reason: { reason: message },
    errors: { errors: [{ message }] },
  };
  return { status: 'error', ...said[form] };
}
