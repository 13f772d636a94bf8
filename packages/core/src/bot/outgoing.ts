import type { Adapter } from '../adapter.js';
import { ParleyError } from '../errors.js';
import type { Content } from '../model/content.js';
import type { Offered } from '../offered.js';
import { offeredIn } from '../offered.js';
import type { Loss, Plan } from '../plan.js';
import { planOrThrow } from '../plan.js';
import type { Outgoing, OutgoingMiddleware, Sayable } from './types.js';

/** What leaves in the end: planned contents, what was lost, and which buttons may be pressed. */
export interface Prepared {
  parts: Content[];
  losses: Loss[];
  offered: Offered | undefined;
}

export function contentsOf(content: Sayable): Content[] {
  const list: readonly (string | Content)[] = Array.isArray(content)
    ? content
    : [content as string | Content];
  return list.map((item) => (typeof item === 'string' ? { kind: 'text', text: item } : item));
}

/** Runs a message through the outgoing middleware and plans what is left of it within the account's limits. */
export async function prepare(
  adapter: Adapter,
  middleware: readonly OutgoingMiddleware[],
  draft: Omit<Outgoing, 'content'>,
  content: Sayable,
): Promise<Prepared> {
  const limits = adapter.messages?.accepts;
  if (limits === undefined) {
    throw new ParleyError('ERR_UNSUPPORTED', `${adapter.provider} cannot send messages`, {
      account: adapter.account,
    });
  }
  // The common case is a text that nobody changes: it offers nothing.
  if (middleware.length === 0 && typeof content === 'string') {
    const { parts, losses } = planOrThrow({ kind: 'text', text: content }, limits, adapter.account);
    return { parts, losses, offered: undefined };
  }
  const plans: Plan[] = [];
  for (const one of contentsOf(content)) {
    const shaped = await runOutgoing(middleware, { ...draft, content: one });
    if (shaped !== undefined) plans.push(planOrThrow(shaped, limits, adapter.account));
  }
  return {
    parts: plans.flatMap((plan) => plan.parts),
    losses: plans.flatMap((plan) => plan.losses),
    offered: offeredIn(plans),
  };
}

/** The content as the middleware left it, or undefined if one of them kept it. */
async function runOutgoing(
  middleware: readonly OutgoingMiddleware[],
  outgoing: Outgoing,
): Promise<Content | undefined> {
  let passed = false;
  const run = async (index: number): Promise<void> => {
    const next = middleware[index];
    if (next === undefined) passed = true;
    else await next(outgoing, () => run(index + 1));
  };
  await run(0);
  return passed ? outgoing.content : undefined;
}
