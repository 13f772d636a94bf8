import { ENDS, type End, type RecipientStatus, type Run } from './records.js';

export interface Counts {
  sent: number;
  delivered: number;
  read: number;
  sendErrors: number;
  deliveryErrors: number;
  notOnWhatsApp: number;
}

export const endIndex = (end: End): number => ENDS.indexOf(end);

const [SEND_ERROR, NOT_ON_WHATSAPP, DELIVERY_ERROR, DELIVERED, READ] = [
  endIndex('sendError'),
  endIndex('notOnWhatsApp'),
  endIndex('deliveryError'),
  endIndex('delivered'),
  endIndex('read'),
];

/** How far a recipient is at a moment (epoch milliseconds). Nothing is stored: time alone decides. */
export function statusAt({ startedAt, recipients }: Run, index: number, at: number): RecipientStatus {
  const elapsed = startedAt === undefined ? -1 : at - startedAt;
  const end = recipients.ends[index] ?? SEND_ERROR;
  if (elapsed < (recipients.sentAfter[index] ?? 0)) return 'queued';
  if (end === SEND_ERROR || end === NOT_ON_WHATSAPP) return ENDS[end] as End;
  if (end < DELIVERED && end !== DELIVERY_ERROR) return 'sent';
  if (elapsed < (recipients.deliveredAfter[index] ?? 0)) return 'sent';
  if (end === DELIVERY_ERROR) return 'deliveryError';
  return end === READ && elapsed >= (recipients.readAfter[index] ?? 0) ? 'read' : 'delivered';
}

export function countsAt(runs: readonly Run[], at: number): Counts {
  const counts = { sent: 0, delivered: 0, read: 0, sendErrors: 0, deliveryErrors: 0, notOnWhatsApp: 0 };
  for (const run of runs) {
    for (let index = 0; index < run.recipients.numbers.length; index += 1) {
      const status = statusAt(run, index, at);
      if (status === 'sendError') counts.sendErrors += 1;
      else if (status === 'notOnWhatsApp') counts.notOnWhatsApp += 1;
      else if (status !== 'queued') counts.sent += 1;
      if (status === 'deliveryError') counts.deliveryErrors += 1;
      if (status === 'delivered' || status === 'read') counts.delivered += 1;
      if (status === 'read') counts.read += 1;
    }
  }
  return counts;
}

/** Who presses a button has read the message by then. False for somebody whom it cannot reach. */
export function markRead({ startedAt, recipients }: Run, index: number, at: number): boolean {
  const end = recipients.ends[index];
  if (startedAt === undefined || end === undefined || end <= DELIVERY_ERROR) return false;
  const elapsed = at - startedAt;
  recipients.ends[index] = READ;
  for (const times of [recipients.sentAfter, recipients.deliveredAfter]) {
    times[index] = Math.min(times[index] ?? 0, elapsed);
  }
  recipients.readAfter[index] = end === READ ? Math.min(recipients.readAfter[index] ?? 0, elapsed) : elapsed;
  return true;
}
