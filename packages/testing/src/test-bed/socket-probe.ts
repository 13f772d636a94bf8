import { randomUUID } from 'node:crypto';
import type { Event, FeedPort } from '@parley/core';
import type { CrispEmulator } from '@parley/emulators';
import type { BotUnderTest } from './quiet-bot.js';

/** A socket that is cut, or whose events are dropped, takes the probe with it. */
const AGAIN_MS = 100;
/** The probe's field, which no payload of the provider has. */
const PROBE = 'parley_probe';

/** Tells whether a bot has taken everything that it was told on its sockets, which themselves tell nobody. */
export interface SocketProbe {
  isThrough(): boolean;
}

/**
 * Sends an event of its own behind the others, and sees it come out of the feed: what was before it is accepted then. The bot
 * never sees it.
 */
export function createSocketProbe(bot: BotUnderTest, emulator: CrispEmulator): SocketProbe {
  const { rtm } = emulator;
  const through = new Set<string>();
  let [listening, probe, sentAt, announced] = [0, '', 0, -1];

  for (const [account, { provider, feed }] of Object.entries(bot.accounts)) {
    if (provider !== 'crisp' || feed === undefined) continue;
    listening += 1;
    takeProbes(feed, (id) => {
      if (id === probe) through.add(account);
    });
  }

  const send = (): void => {
    probe = randomUUID();
    through.clear();
    const websites = new Set(rtm.connections.flatMap((connection) => connection.websites.slice(0, 1)));
    for (const website_id of websites) emulator.emit('plugin:event', { website_id, [PROBE]: probe });
    sentAt = Date.now();
    announced = rtm.announced;
  };

  return {
    isThrough() {
      if (listening === 0) return true;
      const isLast = rtm.announced === announced;
      if (isLast && through.size === listening) return true;
      if (!isLast || Date.now() - sentAt > AGAIN_MS) send();
      return false;
    },
  };
}

function takeProbes(feed: FeedPort, took: (id: unknown) => void): void {
  const listen = feed.events.bind(feed);
  feed.events = async function* (signal) {
    for await (const batch of listen(signal)) {
      const others = batch.filter((event) => probeIn(event) === undefined);
      if (others.length > 0) yield others;
      // The bot has asked for more: what came before is accepted.
      for (const event of batch) took(probeIn(event));
    }
  };
}

function probeIn(event: Event): unknown {
  const payload = event.name === 'provider.event' ? event.payload : undefined;
  return typeof payload === 'object' && payload !== null ? Reflect.get(payload, PROBE) : undefined;
}
