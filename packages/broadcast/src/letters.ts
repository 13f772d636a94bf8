import type { EffectRecord, Engine } from '@parley/core';

/** A run tells itself what failed and why. Redriving a letter would go past it: to a person twice, or paid twice. */
export async function dropLetters({ deadLetters }: Engine, { effect }: EffectRecord): Promise<void> {
  for (const letter of await deadLetters.list({ lane: effect.lane, kind: 'effect' })) {
    if (letter.kind === 'effect' && letter.effect.id === effect.id) await deadLetters.drop(letter.id);
  }
}

/** Why the provider refused it. */
export function reasonOf({ error }: EffectRecord): string {
  return error?.message ?? 'The provider refused it';
}
