import { NotSeen } from './script.js';
import type { Stage } from './stage.js';

const PLATE = 'KX-901-P';

/** What Mila must have on her phone in the end, in this order; the reminder comes when it is due. */
const ANSWERS = [
  `Thank you, I have written down ${PLATE}.`,
  'I will.',
  'One moment, please. I am asking the workshop.',
  `The workshop says that ${PLATE} is ready, and clean.`,
  `The bill for ${PLATE} comes by e-mail.`,
  `I am, and so is ${PLATE}.`,
];
const REMINDER = `Please do not forget to fetch ${PLATE}.`;

/**
 * The process of the bot dies when one answer of a turn is out and the turn is not done, when a message is acknowledged and not
 * begun, and when a reminder waits for its time; and a message comes while nobody is there.
 */
export async function killTheBot(stage: Stage): Promise<void> {
  const { emulator, bot, script, transcript } = stage;
  const mila = await emulator.contact({
    name: 'Mila Bakker',
    telephone: '+31655509999',
    channel: 'whatsapp',
  });
  const texts = () => mila.received.map(({ text = '' }) => text);
  const has = (answer: number) =>
    script.seen(`answer ${answer} on the phone`, () => texts().includes(ANSWERS[answer - 1] ?? ''));
  const deliveriesOf = (id: string) =>
    emulator.webhooks.deliveries.filter(({ messageId }) => messageId === id);

  await script.once(() => mila.say(`It is about my car, ${PLATE}.`).id);
  await has(1);
  await script.once(() => mila.say('Please remind me to fetch it.').id);
  await has(2);
  await script.once(() => mila.say('Is it ready?').id);
  await has(3);
  const unanswered = await script.once(() => mila.say('What will it cost?').id);
  await script.seen('an acknowledged message', () =>
    deliveriesOf(unanswered).some(({ status }) => status === 200),
  );

  await script.once(async () => {
    const pid = await bot.kill();
    transcript.remark(
      `  kill -9 ${pid}: the bot is gone, with two messages acknowledged and not answered, and a reminder to send`,
    );
  });
  const unheard = await script.once(() => mila.say('Are you still there?').id);
  await script.seen('a webhook to nobody', () => deliveriesOf(unheard).length > 0);
  stage.openWorkshop();
  await script.within('a bot that serves again', bot.revive());

  await script.seen('all answers and the reminder', () => mila.received.length > ANSWERS.length);
  await stage.untilQuiet();
  const [answers, reminders] = [texts().filter((text) => text !== REMINDER), texts().length - ANSWERS.length];
  if (reminders !== 1 || JSON.stringify(answers) !== JSON.stringify(ANSWERS)) {
    throw new NotSeen(`not as it should be: Mila has got ${JSON.stringify(texts())}`);
  }
  transcript.finding(
    `${answers.length} answers and ${reminders} reminder on the phone: nothing lost, nothing twice, the car remembered`,
  );
}
