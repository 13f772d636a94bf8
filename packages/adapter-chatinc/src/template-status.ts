/** What has become of a template's approval. Only `approved` may run; `unknown` is a word that we do not know. */
export type ChatIncTemplateStatus = 'pending' | 'approved' | 'rejected' | 'paused' | 'disabled' | 'unknown';

/** The provider documents `APPROVED` only; the others are WhatsApp's. */
const STATUSES: Readonly<Record<string, ChatIncTemplateStatus>> = {
  '': 'pending',
  PENDING: 'pending',
  SUBMITTED: 'pending',
  RECEIVED: 'pending',
  IN_REVIEW: 'pending',
  APPROVED: 'approved',
  REJECTED: 'rejected',
  PAUSED: 'paused',
  IN_APPEAL: 'paused',
  FLAGGED: 'paused',
  DISABLED: 'disabled',
  DELETED: 'disabled',
  PENDING_DELETION: 'disabled',
  ARCHIVED: 'disabled',
};

export function fromTemplateStatus(status: string | null | undefined): ChatIncTemplateStatus {
  const word = (status ?? '').trim().toUpperCase();
  return Object.hasOwn(STATUSES, word) ? (STATUSES[word] ?? 'unknown') : 'unknown';
}
