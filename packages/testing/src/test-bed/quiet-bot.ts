import type { Bot, FeedPort } from '@parley/core';

/** What a test bed needs of the bot under test. */
export type BotUnderTest = Pick<Bot, 'start' | 'webhook' | 'stats' | 'close'> & {
  readonly accounts: Readonly<Record<string, { readonly provider: string; readonly feed?: FeedPort }>>;
};

/** True if nothing that was said is still on its way through the provider or the bot. */
export async function isQuiet(bot: BotUnderTest, providerIsQuiet: () => boolean): Promise<boolean> {
  if (!providerIsQuiet()) return false;
  const { pendingEvents, pendingEffects } = await bot.stats();
  // What the bot has just sent may have made the provider deliver again.
  return pendingEvents === 0 && pendingEffects === 0 && providerIsQuiet();
}
