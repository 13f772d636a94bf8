import { createInterface } from 'node:readline';
import type { Consumer } from '@parley/emulators';
import type { Stage } from './stage.js';

const LOOK_EVERY_MS = 50;

/** Lets whoever sits at the terminal type as the customer, until Ctrl-C or Ctrl-D. */
export async function typeAsCustomer(stage: Stage, you: Consumer): Promise<void> {
  const { remark, heading } = stage.transcript;
  heading('You are a customer on WhatsApp now');
  remark('  Type a message, or the number of a button to press it. Ctrl-C ends.\n');
  const terminal = createInterface({ input: process.stdin });
  const looking = setInterval(() => stage.watch(), LOOK_EVERY_MS);
  terminal.on('line', (line) => {
    const text = line.trim();
    const payload = payloadOf(you, text);
    if (payload !== undefined) you.press(payload);
    else if (text !== '') you.say(text);
  });
  await new Promise<void>((resolve) => {
    terminal.once('close', resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  clearInterval(looking);
  terminal.close();
  stage.watch();
}

/** `2` is the second button of the newest message that has any. */
function payloadOf({ received }: Consumer, text: string): string | undefined {
  const { actions } = received.findLast((message) => Array.isArray(message.actions)) ?? {};
  const buttons = (actions ?? []) as { payload: string; type: string }[];
  const button = /^\d+$/.test(text) ? buttons[Number(text) - 1] : undefined;
  return button?.type === 'link' ? undefined : button?.payload;
}
