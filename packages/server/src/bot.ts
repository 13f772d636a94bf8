import type { Bot } from '@parley/core';

/** What an HTTP front needs from a bot. */
export type WebhookBot = Pick<Bot, 'state' | 'webhook' | 'stats'>;

/** What a stand-alone server needs: it starts the bot, and drains it at the end. */
export type ServedBot = WebhookBot & Pick<Bot, 'engine' | 'start' | 'drain' | 'close'>;
