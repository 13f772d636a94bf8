import type { Content, Id } from '@parley/core';
import type { TalkingBot } from './talking-bot.js';

export interface Appointment {
  /** Of your calendar: one reminder is sent for it, however often `remind` is called. */
  id: string;
  name: string;
  /** E.164, for example `+31655501234`. */
  phone: string;
  licencePlate: string;
  location: string;
  /** As the customer should read it, for example `Tuesday, 3.15 pm`. */
  time: string;
}

/** A WhatsApp template, approved beforehand; the placeholder in it is called `PlanTime`. */
export interface ReminderTemplate {
  id: string;
  name: string;
}

/**
 * Writes to a customer first: records the licence plate and the location for colleagues, sends the template, and lets go
 * of the conversation. Resolves to its id once the provider has accepted all of it.
 *
 * @throws ERR_OUTCOME_UNKNOWN if the provider never answered: look in the console before you call the customer twice
 */
export async function remind(
  bot: TalkingBot,
  account: string,
  { id, name, phone, licencePlate, location, time }: Appointment,
  template: ReminderTemplate,
): Promise<Id | undefined> {
  const contents: Content[] = [
    { kind: 'field', key: 'licenceplate', value: licencePlate },
    { kind: 'field', key: 'location', value: location },
    { kind: 'template', template: template.id, name: template.name, variables: { PlanTime: time } },
  ];
  const to = { channel: 'whatsapp', value: phone, name };
  const said = await bot.say({ account, to }, contents, { key: `reminder ${id}`, release: true });
  const [opened] = await said.sent();
  return opened?.conversationId;
}

/** What the customer answers. The template's buttons, and what people type instead of pressing them. */
export function addReminderAnswers(bot: TalkingBot): void {
  bot.hears(['confirm', /^(yes|ok(ay)?|see you)\b/i], { channel: 'whatsapp' }, async (turn) => {
    await turn.set({ appointment: 'confirmed' });
    await turn.say('Thank you, see you then!');
    await turn.close();
  });

  bot.hears(
    ['another-time', /\b(another time|other day|reschedule)\b/i],
    { channel: 'whatsapp' },
    async (turn) => {
      await turn.say('No problem. A colleague will find another time with you.');
      await turn.handOver({ reason: 'The appointment has to be moved.' });
    },
  );
}
