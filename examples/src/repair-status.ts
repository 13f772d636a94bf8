import type { Duration, TalkingBot } from '@parley/core';

/** What a conversation remembers about the car. */
export interface RepairSession {
  licencePlate?: string;
}

/** What the workshop says about a car. It may take minutes. */
export type AskWorkshop = (licencePlate: string) => Promise<string>;

const ANY_CAR = 'your car';

/**
 * Remembers which car it is about, asks the workshop, and reminds people of fetching it. With an engine that writes things down,
 * all of it outlives the process: what was heard and not answered, what is to be said later, and what was said already, which is
 * not said again when a turn is tried again.
 */
export function addRepairStatus(
  bot: TalkingBot<RepairSession>,
  askWorkshop: AskWorkshop,
  remindAfter: Duration = '2h',
): void {
  bot.hears(/\b([a-z]{2}-\d{3}-[a-z])\b/i, (turn) => {
    const licencePlate = (turn.match?.[1] ?? '').toUpperCase();
    turn.session.licencePlate = licencePlate;
    return turn.say(`Thank you, I have written down ${licencePlate}.`);
  });

  bot.hears(/\bremind me\b/i, async (turn) => {
    await turn.say('I will.');
    await turn.say(`Please do not forget to fetch ${turn.session.licencePlate ?? ANY_CAR}.`, {
      after: remindAfter,
    });
  });

  bot.hears(/\bready\b/i, async (turn) => {
    const { licencePlate = ANY_CAR } = turn.session;
    await turn.say('One moment, please. I am asking the workshop.');
    const answer = await turn.step('ask the workshop', () => askWorkshop(licencePlate));
    await turn.say(`The workshop says that ${licencePlate} ${answer}`);
  });

  bot.hears(/\bcosts?\b/i, (turn) =>
    turn.say(`The bill for ${turn.session.licencePlate ?? ANY_CAR} comes by e-mail.`),
  );

  bot.hears(/\bstill there\b/i, (turn) =>
    turn.say(`I am, and so is ${turn.session.licencePlate ?? ANY_CAR}.`),
  );
}
