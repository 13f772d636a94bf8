import { randomUUID } from 'node:crypto';
import type { TimerWrite } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Id } from '../model/id.js';

/** A timer of a conversation: when it is due, `timer.fired` happens in it. */
export function timerWrite(
  account: string,
  provider: string,
  conversationId: Id,
  name: string,
  at: number,
  data: unknown,
): TimerWrite {
  const json: string | undefined = data === undefined ? undefined : JSON.stringify(data);
  if (data !== undefined && json === undefined) {
    throw new ParleyError('ERR_CONFIG', `setTimer("${name.slice(0, 60)}"): data must be plain JSON`);
  }
  return {
    scope: conversationId,
    name: checked(name),
    due: {
      at,
      event: {
        name: 'timer.fired',
        id: `${account}:timer:${randomUUID()}`,
        provider,
        account,
        at: new Date(at).toISOString(),
        native: 'parley.timer',
        conversationId,
        timer: json === undefined ? { name } : { name, data: JSON.parse(json) as unknown },
      },
    },
  };
}

export function timerCancel(conversationId: Id, name: string): TimerWrite {
  return { scope: conversationId, name: checked(name) };
}

function checked(name: string): string {
  if (typeof name === 'string' && name !== '' && name.length <= 200) return name;
  throw new ParleyError('ERR_CONFIG', 'setTimer(name): expected a name of 1 to 200 characters');
}
