import type { Content, Id, TalkingBot } from '@parley/core';

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

/** What a conversation remembers, so that the answer is about something. */
export interface ReminderSession {
  appointment?: Appointment;
}

/**
 * Writes to a customer first: records the licence plate and the location for colleagues, sends the template, and lets go
 * of the conversation. Resolves to its id once the provider has accepted all of it.
 *
 * @throws ERR_OUTCOME_UNKNOWN if the provider never answered: look in the console before you call the customer twice
 */
export async function remind(
  bot: TalkingBot<ReminderSession>,
  account: string,
  appointment: Appointment,
  template: ReminderTemplate,
): Promise<Id | undefined> {
  const { id, name, phone, licencePlate, location, time } = appointment;
  const contents: Content[] = [
    { kind: 'field', key: 'licenceplate', value: licencePlate },
    { kind: 'field', key: 'location', value: location },
    { kind: 'template', template: template.id, name: template.name, variables: { PlanTime: time } },
  ];
  const to = { channel: 'whatsapp', value: phone, name };
  const said = await bot.say({ account, to }, contents, { key: `reminder ${id}`, release: true });
  const { conversationId } = await said.sent();
  if (conversationId !== undefined) {
    await bot.updateSession(conversationId, (session) => {
      session.appointment = appointment;
    });
  }
  return conversationId;
}

/** What the customer answers, by the template's buttons or in words of their own. */
export function addReminderAnswers(bot: TalkingBot<ReminderSession>): void {
  bot.hears(['confirm', /^(yes|ok(ay)?|see you)\b/i], { channel: 'whatsapp' }, async (turn) => {
    const { appointment } = turn.session;
    await turn.set({ appointment: 'confirmed' });
    await turn.note('The customer has confirmed the appointment.');
    await turn.say(appointment === undefined ? 'Thank you!' : `Thank you, see you on ${appointment.time}!`);
    await turn.close();
  });

  const words = /\b(another time|other day|reschedule)\b/i;
  bot.hears(['another-time', words], { channel: 'whatsapp' }, async (turn) => {
    const { appointment } = turn.session;
    const which = appointment === undefined ? '' : ` of ${appointment.licencePlate}, ${appointment.time},`;
    await turn.say('No problem. A colleague will find another time with you.');
    await turn.handOver({ reason: `The appointment${which} has to be moved.` });
  });
}
