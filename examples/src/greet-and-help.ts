import type { Choice, ChoicesContent, TalkingBot } from '@parley/core';

const MENU: Choice[] = [
  { type: 'reply', label: 'Opening hours', value: 'hours' },
  { type: 'reply', label: 'Talk to a person', value: 'person' },
  { type: 'link', label: 'Our website', url: 'https://example.com/garage' },
];

/**
 * Greets, helps with buttons, and fetches a colleague. It knows no provider: where there are no buttons, the menu goes
 * out as a numbered list, and `1` presses the first. Once it has called a colleague it is quiet: what it would say is withheld
 * until a colleague has closed the conversation.
 */
export function addGreeter(bot: TalkingBot): void {
  bot.hears([/^(hello|hi|hey|good (morning|afternoon|evening))\b/i], (turn) => {
    const hello = turn.contactName === undefined ? 'Hello!' : `Hello ${turn.contactName}!`;
    return turn.say(menu(`${hello} What can I do for you?`));
  });

  bot.hears(['help', 'menu', '?'], (turn) => turn.say(menu('This is what I can do.')));

  // The value of a button: pressed, or typed by its label or its number.
  bot.hears('hours', (turn) => turn.say('We are open from Monday to Saturday, 8 am to 6 pm.'));

  bot.hears(['person', /\b(colleague|human|agent)\b/i], async (turn) => {
    await turn.say('One moment, please. I am calling a colleague.');
    await turn.handOver({ reason: 'The customer asked for a person.' });
  });

  bot.fallback((turn) => turn.say(menu('Sorry, I did not understand that.')));
}

function menu(text: string): ChoicesContent {
  return { kind: 'choices', text, choices: MENU };
}
