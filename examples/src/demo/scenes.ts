import type { Consumer, Message } from '@parley/emulators';
import { killTheBot } from './killed.js';
import { NotSeen, type Scene } from './script.js';
import type { Stage } from './stage.js';
import { chat, cutTheSocket, withYusuf } from './web-chat.js';

const MESSAGES = 'POST /v2/conversations/:id/messages';

/** A conversation in scenes; each compares what reached people with what should have, and throws NotSeen where it did not. */
export function scenesOf(stage: Stage): Scene[] {
  const withNoor = (scene: (stage: Stage, noor: Consumer) => Promise<void>) => async () => {
    const noor = await stage.emulator.contact({
      name: 'Noor Visser',
      telephone: '+31655501234',
      channel: 'whatsapp',
    });
    await scene(stage, noor);
  };
  return [
    ['Noor writes on WhatsApp, at Web1on1', withNoor(greet)],
    ['Yusuf writes in the chat box of a website: the same bot, at Crisp', withYusuf(stage, chat)],
    ['The socket to Crisp is cut, and Yusuf goes on writing', withYusuf(stage, cutTheSocket)],
    ['Web1on1 delivers a webhook twice', withNoor(deliverTwice)],
    ['Web1on1 is busy: 429, "try again in one second"', withNoor(refuseForAMoment)],
    [
      'The connection breaks after Web1on1 has taken the message, before it says so',
      withNoor(breakTheConnection),
    ],
    ['Somebody else calls the webhook, with a signature of their own', () => forge(stage)],
    ['kill -9: the process of the bot dies in the middle of a conversation', () => killTheBot(stage)],
    ['Noor asks for a person, and gets one', withNoor(fetchAColleague)],
    ['The garage writes first: a WhatsApp template to a phone number', () => remindRavi(stage)],
  ];
}

async function greet({ script }: Stage, noor: Consumer): Promise<void> {
  await script.once(() => noor.say('Hello').id);
  await reached(script, noor, 1);
  await script.once(() => noor.press('hours').id);
  await reached(script, noor, 2);
}

async function deliverTwice(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript, script } = stage;
  const before = await script.once(() => noor.received.length);
  const id = await script.once(() => {
    // Decided when the message is written; the bot's own are not to be doubled.
    emulator.webhooks.chaos = { duplicate: 1 };
    const message = noor.say('help');
    emulator.webhooks.chaos = {};
    return message.id;
  });
  const deliveries = () => emulator.webhooks.deliveries.filter(({ messageId }) => messageId === id);
  await script.seen('a second delivery', () => deliveries().length >= 2);
  await reached(script, noor, before + 1);
  await stage.untilQuiet();
  const answers = noor.received.length - before;
  demand(answers === 1, `${answers} answers to one message`);
  transcript.finding(`${deliveries().length} deliveries, ${answers} answer on the phone`);
}

async function refuseForAMoment(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript, script } = stage;
  const before = await script.once(() => noor.received.length);
  const requests = await script.once(() => posts(stage, noor));
  await script.once(() => {
    emulator.faults.next({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, route: MESSAGES });
    return noor.press('hours').id;
  });
  await reached(script, noor, before + 1);
  await stage.untilQuiet();
  const [answers, attempts] = [noor.received.length - before, posts(stage, noor) - requests];
  demand(answers === 1 && attempts === 2, `${attempts} requests, ${answers} answers`);
  transcript.finding(`${attempts} requests, ${answers} answer on the phone`);
}

async function breakTheConnection(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript, script } = stage;
  const before = await script.once(() => noor.received.length);
  const requests = await script.once(() => posts(stage, noor));
  const lookUps = () => emulator.journal.requests({ method: 'GET', path: '/v2/messages' }).length;
  const looksBefore = await script.once(lookUps);
  await script.once(() => {
    emulator.faults.next({ kind: 'drop-after', route: MESSAGES });
    return noor.say('menu').id;
  });
  await reached(script, noor, before + 1);
  await script.seen('a look whether it went out', () => lookUps() > looksBefore);
  await stage.untilQuiet();
  const [answers, attempts] = [noor.received.length - before, posts(stage, noor) - requests];
  demand(answers === 1 && attempts === 1, `${attempts} requests, ${answers} answers`);
  const looks = lookUps() - looksBefore;
  transcript.finding(
    `${attempts} request, ${looks} look${looks === 1 ? '' : 's'}, ${answers} answer on the phone`,
  );
}

async function forge(stage: Stage): Promise<void> {
  const { script, transcript, emulator } = stage;
  await stage.untilQuiet();
  const before = emulator.journal.entries.length;
  const call = fetch(stage.webhookUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
    body: JSON.stringify({
      event: 'message.create.contact.chat',
      data: { message: { id: '1', text: 'help' } },
    }),
  });
  const { status } = await script.within('an answer to the forged webhook', call);
  await stage.untilQuiet();
  demand(status === 401, `a forged webhook was answered ${status}`);
  const consequences = emulator.journal.entries.length - before;
  demand(consequences === 0, `a forged webhook led to ${consequences} requests`);
  transcript.finding(`answered ${status}; the bot asked the provider for nothing`);
}

async function fetchAColleague(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript, script } = stage;
  const { conversationId } = noor;
  const before = await script.once(() => noor.received.length);
  await script.once(() => noor.press('person').id);
  await script.seen(
    'a queued conversation',
    () => emulator.conversations.get(conversationId)?.status === 'queued',
  );
  const sanne = await emulator.agent({ name: 'Sanne', email: 'sanne@garage.example' });
  await script.once(() => {
    sanne.accept(conversationId);
    return sanne.say(conversationId, 'Hi Noor, this is Sanne. What is it about?').id;
  });
  await reached(script, noor, before + 2);
  await stage.untilQuiet();
  await script.once(() => noor.say('Hello Sanne! It is about my car.').id);
  await stage.untilQuiet();
  const more = noor.received.length - before - 2;
  demand(more === 0, `${more} answers of the bot to what was meant for Sanne`);
  transcript.finding('Sanne has the conversation, and the bot is quiet in it');
}

async function remindRavi(stage: Stage): Promise<void> {
  const { emulator, bot, transcript, script } = stage;
  const appointment = {
    id: '42',
    name: 'Ravi Jansen',
    phone: '+31655505678',
    licencePlate: 'GT-482-K',
    location: 'Utrecht',
    time: 'Tuesday, 3.15 pm',
  };
  const template = { id: '64c0ab12f0e1d20013bb7702', name: 'service_reminder' };
  const remind = () => bot.ask({ question: 'remind', appointment, template });
  await script.within('a reminder', remind());
  const ravi = await emulator.contact({ telephone: appointment.phone, channel: 'whatsapp' });
  await reached(script, ravi, 1);
  await script.once(() => {
    transcript.remark(
      '  (the clock of the emulator goes 3 s ahead: that is when the conversation is let go of)',
    );
    emulator.clock.advance(3000);
  });
  const status = () => emulator.conversations.get(ravi.conversationId)?.status;
  await script.seen('a released conversation', () => status() === 'closed');
  await script.within('the same reminder', remind());
  const reminders = ravi.received.filter(({ meta }) => meta.template !== undefined);
  demand(reminders.length === 1, 'the reminder went out twice');
  await script.once(() => ravi.say('Yes, see you then').id);
  await reached(script, ravi, 2);
  await script.seen('a closed conversation', () => status() === 'closed');
  await stage.untilQuiet();
  const meta = JSON.stringify(emulator.conversations.get(ravi.conversationId)?.meta);
  demand(meta === '{"appointment":"confirmed"}', `the conversation has the fields ${meta}`);
  transcript.finding(`asked for twice, sent once; the conversation now has the fields ${meta}`);
}

/** Waits until so many messages are on the phone. */
export async function reached(
  script: Stage['script'],
  { received }: { received: readonly Message[] },
  count: number,
): Promise<void> {
  await script.seen(`message ${count} on the phone`, () => received.length >= count);
}

function posts({ emulator }: Stage, { conversationId }: Consumer): number {
  const path = `/v2/conversations/${conversationId}/messages`;
  return emulator.journal.requests({ method: 'POST', path }).length;
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new NotSeen(`not as it should be: ${otherwise}`);
}
