import type { EngineStats, WebhookRequest } from '@parley/core';

/** What an HTTP front needs from a bot. */
export interface WebhookBot {
  readonly state: 'created' | 'running' | 'draining' | 'closed';
  webhook(
    account: string,
    request: WebhookRequest,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }>;
  stats(): Promise<EngineStats>;
}

/** What a stand-alone server needs: it starts the bot, and drains it at the end. */
export interface ServedBot extends WebhookBot {
  start(): Promise<void>;
  drain(options?: { timeoutMs?: number }): Promise<{ drained: boolean; left: number }>;
  close(): Promise<void>;
}
