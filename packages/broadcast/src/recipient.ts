import type { Addressee } from '@parley/core';
import type { SuppressionList } from './suppressions.js';

/** A recipient as it is kept in the plan of a run. */
export interface PlannedRecipient extends Addressee {
  /** Another address of the same row, as `suppressionKey` has it: opting out by it counts as well. The provider is not told of it. */
  also?: string;
}

/** For each of them whether one of their addresses is on the list now. */
export async function haveOptedOut(
  suppressions: SuppressionList,
  recipients: readonly Pick<PlannedRecipient, 'to' | 'also'>[],
): Promise<boolean[]> {
  const addresses = recipients.flatMap(({ to, also }) => [to.value, also ?? to.value]);
  const found = await suppressions.areSuppressed(addresses);
  return recipients.map((_, place) => found[2 * place] === true || found[2 * place + 1] === true);
}
