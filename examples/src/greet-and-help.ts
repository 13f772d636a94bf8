import type { Choice, ChoicesContent } from '@parley/core';
import type { TalkingBot } from './talking-bot.js';

const MENU: Choice[] = [
  { type: 'reply', label: 'Opening hours', value: 'hours' },
  { type: 'reply', label: 'Talk to a person', value: 'person' },
  { type: 'link', label: 'Our website', url: 'https://example.com/garage' },
];

/**
 * Greets, helps with buttons, and fetches a colleague. It knows no provider: where there are no buttons, the menu goes
 * out as a numbered list, and `1` presses the first.
 */
export function addGreeter(bot: TalkingBot): void {
  bot.hears([/^(hello|hi|hey|good (morning|afternoon|evening))\b/i], (turn) => {
    const name = turn.conversation?.name;
    return turn.say(
      menu(name === undefined ? 'Hello! What can I do for you?' : `Hello ${name}! What can I do for you?`),
    );
  });

  bot.hears(['help', 'menu', '?'], (turn) => turn.say(menu('This is what I can do.')));

  // A value and a label: some channels send back the one, some the other.
  bot.hears(['hours', 'opening hours'], (turn) =>
    turn.reply('We are open from Monday to Saturday, 8 am to 6 pm.'),
  );

  bot.hears(['person', 'talk to a person', /\b(colleague|human|agent)\b/i], async (turn) => {
    await turn.say('One moment, please. I am calling a colleague.');
    await turn.note('Asked for a person, without saying why.');
    await turn.handOver({ reason: 'The customer asked for a person.' });
  });

  bot.fallback((turn) => turn.say(menu('Sorry, I did not understand that.')));
}

/** Once a colleague has taken a conversation, the bot says nothing in it. Add it before the handlers it is to keep quiet. */
export function leaveToColleagues(bot: TalkingBot): void {
  bot.incoming((turn, next) => (turn.conversation?.assigneeId === undefined ? next() : undefined));
}

function menu(text: string): ChoicesContent {
  return { kind: 'choices', text, choices: MENU };
}
