import type { Consumer, Message } from '@parley/emulators';
import { remind } from '../appointment-reminder.js';
import { NotSeen, type Stage } from './stage.js';

const MESSAGES = 'POST /v2/conversations/:id/messages';

/** Plays a conversation, and compares what reached people with what should have. Throws NotSeen where it did not. */
export async function play(stage: Stage): Promise<void> {
  const { emulator, transcript, server } = stage;
  transcript.heading('The bot and the provider get to know each other');
  const url = `${server.origin}/webhooks/leads`;
  await stage.within('a registered webhook', emulator.subscribe({ url }));
  transcript.remark(`  ${url} has answered the challenge of ${emulator.origin}`);

  const noor = await emulator.contact({
    name: 'Noor Visser',
    telephone: '+31655501234',
    channel: 'whatsapp',
  });
  await greet(stage, noor);
  await deliverTwice(stage, noor);
  await refuseForAMoment(stage, noor);
  await breakTheConnection(stage, noor);
  await forge(stage);
  await fetchAColleague(stage, noor);
  await remindRavi(stage);
}

async function greet(stage: Stage, noor: Consumer): Promise<void> {
  stage.transcript.heading('Noor writes on WhatsApp');
  noor.say('Hello');
  await reached(stage, noor, 1);
  noor.press('hours');
  await reached(stage, noor, 2);
}

async function deliverTwice(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript } = stage;
  transcript.heading('The provider delivers a webhook twice');
  const before = noor.received.length;
  emulator.webhooks.chaos = { duplicate: 1 };
  const { id } = noor.say('help');
  const deliveries = () => emulator.webhooks.deliveries.filter(({ messageId }) => messageId === id);
  await stage.until('a second delivery', () => deliveries().length === 2);
  await reached(stage, noor, before + 1);
  emulator.webhooks.chaos = {};
  await stage.untilQuiet();
  const answers = noor.received.length - before;
  demand(answers === 1, `${answers} answers to one message`);
  transcript.finding(`${deliveries().length} deliveries, ${answers} answer on the phone`);
}

async function refuseForAMoment(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript } = stage;
  transcript.heading('The provider is busy: 429, "try again in one second"');
  const [before, requests] = [noor.received.length, posts(stage, noor)];
  emulator.faults.next({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, route: MESSAGES });
  noor.press('hours');
  await reached(stage, noor, before + 1);
  await stage.untilQuiet();
  const [answers, attempts] = [noor.received.length - before, posts(stage, noor) - requests];
  demand(answers === 1 && attempts === 2, `${attempts} requests, ${answers} answers`);
  transcript.finding(`${attempts} requests, ${answers} answer on the phone`);
}

async function breakTheConnection(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript } = stage;
  transcript.heading('The connection breaks after the provider has taken the message, before it says so');
  const [before, requests] = [noor.received.length, posts(stage, noor)];
  const lookUps = () => emulator.journal.requests({ method: 'GET', path: '/v2/messages' }).length;
  const looksBefore = lookUps();
  emulator.faults.next({ kind: 'drop-after', route: MESSAGES });
  noor.say('menu');
  await reached(stage, noor, before + 1);
  await stage.until('a look whether it went out', () => lookUps() > looksBefore);
  await stage.untilQuiet();
  const [answers, attempts] = [noor.received.length - before, posts(stage, noor) - requests];
  demand(answers === 1 && attempts === 1, `${attempts} requests, ${answers} answers`);
  transcript.finding(`${attempts} request, ${lookUps() - looksBefore} look, ${answers} answer on the phone`);
}

async function forge(stage: Stage): Promise<void> {
  const { server, transcript, emulator } = stage;
  transcript.heading('Somebody else calls the webhook, with a signature of their own');
  const before = emulator.journal.entries.length;
  const call = fetch(`${server.origin}/webhooks/leads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
    body: JSON.stringify({
      event: 'message.create.contact.chat',
      data: { message: { id: '1', text: 'help' } },
    }),
  });
  const { status } = await stage.within('an answer to the forged webhook', call);
  await stage.untilQuiet();
  demand(status === 401, `a forged webhook was answered ${status}`);
  const consequences = emulator.journal.entries.length - before;
  demand(consequences === 0, `a forged webhook led to ${consequences} requests`);
  transcript.finding(`answered ${status}; the bot asked the provider for nothing`);
}

async function fetchAColleague(stage: Stage, noor: Consumer): Promise<void> {
  const { emulator, transcript } = stage;
  transcript.heading('Noor asks for a person, and gets one');
  const { conversationId } = noor;
  const before = noor.received.length;
  noor.press('person');
  await stage.until(
    'a queued conversation',
    () => emulator.conversations.get(conversationId)?.status === 'queued',
  );
  const sanne = await emulator.agent({ name: 'Sanne' });
  sanne.accept(conversationId);
  sanne.say(conversationId, 'Hi Noor, this is Sanne. What is it about?');
  await reached(stage, noor, before + 2);
  await stage.untilQuiet();
  noor.say('Hello Sanne! It is about my car.');
  await stage.untilQuiet();
  const more = noor.received.length - before - 2;
  demand(more === 0, `${more} answers of the bot to what was meant for Sanne`);
  transcript.finding('Sanne has the conversation, and the bot is quiet in it');
}

async function remindRavi(stage: Stage): Promise<void> {
  const { emulator, bot, transcript } = stage;
  transcript.heading('The garage writes first: a WhatsApp template to a phone number');
  const appointment = {
    id: '42',
    name: 'Ravi Jansen',
    phone: '+31655505678',
    licencePlate: 'GT-482-K',
    location: 'Utrecht',
    time: 'Tuesday, 3.15 pm',
  };
  const template = { id: '64c0ab12f0e1d20013bb7702', name: 'service_reminder' };
  await stage.within('a reminder', remind(bot, 'leads', appointment, template));
  const ravi = await emulator.contact({ telephone: appointment.phone, channel: 'whatsapp' });
  await reached(stage, ravi, 1);
  transcript.remark(
    '  (the clock of the emulator goes 3 s ahead: that is when the conversation is let go of)',
  );
  emulator.clock.advance(3000);
  const status = () => emulator.conversations.get(ravi.conversationId)?.status;
  await stage.until('a released conversation', () => status() === 'closed');
  await stage.within('the same reminder', remind(bot, 'leads', appointment, template));
  demand(ravi.received.length === 1, 'the reminder went out twice');
  ravi.say('Yes, see you then');
  await reached(stage, ravi, 2);
  await stage.until('a closed conversation', () => status() === 'closed');
  await stage.untilQuiet();
  const meta = JSON.stringify(emulator.conversations.get(ravi.conversationId)?.meta);
  demand(meta === '{"appointment":"confirmed"}', `the conversation has the fields ${meta}`);
  transcript.finding(`asked for twice, sent once; the conversation now has the fields ${meta}`);
}

/** Waits until so many messages are on the phone. */
async function reached(
  stage: Stage,
  { received }: { received: readonly Message[] },
  count: number,
): Promise<void> {
  await stage.until(`message ${count} on the phone`, () => received.length >= count);
}

function posts({ emulator }: Stage, { conversationId }: Consumer): number {
  const path = `/v2/conversations/${conversationId}/messages`;
  return emulator.journal.requests({ method: 'POST', path }).length;
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new NotSeen(`not as it should be: ${otherwise}`);
}
