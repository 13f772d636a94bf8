import { once } from 'node:events';
import { createServer } from 'node:net';
import type { EngineStats } from '@parley/core';
import type { CrispEmulator, Web1on1Emulator } from '@parley/emulators';
import type { Wiring } from './protocol.js';

/** Shorter than usual, so that nobody has to wait for a demonstration. */
const HASTE = { firstMs: 300, maxMs: 1_000 };

/** What a process of the bot has to know; its port is the one before it had, if it can be had. */
export async function wiringOf(web1on1: Web1on1Emulator, crisp: CrispEmulator): Promise<Wiring> {
  const { token, refreshToken, botEmail: email, secret } = web1on1.credentials;
  const { tier, identifier, key, websiteId: website } = crisp.credentials;
  const before = webhookUrlOf(web1on1);
  return {
    leads: { origin: web1on1.origin, token, refreshToken, email, secret },
    // Without a secret for hooks, it listens to the socket.
    support: { origin: crisp.origin, tier, identifier, key, website, reconnect: HASTE },
    port: before === undefined ? 0 : await freeOr0(Number(new URL(before).port)),
  };
}

/** Registers the webhook, or moves it to where the bot is now. True if the URL has just answered the provider's challenge. */
export async function connect(emulator: Web1on1Emulator, url: string): Promise<boolean> {
  const [known] = emulator.resource('services').list();
  if (known === undefined) await emulator.subscribe({ url });
  else if (webhookUrlOf(emulator) !== url) await emulator.moveWebhook(known.id, url);
  else return false;
  return true;
}

export function webhookUrlOf(emulator: Web1on1Emulator): string | undefined {
  const [known] = emulator.resource('services').list();
  const { url } = (known?.params ?? {}) as { url?: string };
  return url;
}

/** What a file of the bot holds, in words. */
export function leftIn({ pendingEvents, pendingEffects, scheduled }: EngineStats): string {
  const parts = [
    counted(pendingEvents, 'event', 'accepted and not handled'),
    counted(pendingEffects, 'message', 'not yet sent'),
    counted(scheduled, 'message', 'for later'),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'nothing that waits' : parts.join(', ');
}

function counted(count: number, what: string, which: string): string | undefined {
  if (count === 0) return undefined;
  return `${count} ${what}${count === 1 ? '' : 's'} ${which}`;
}

async function freeOr0(port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}
