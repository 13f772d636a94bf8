import { decode } from '@parley/adapter-kit';
import type { AccountContext, CallOptions } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';
import type { Transport } from './client/transport.js';
import { type CrispConfig, isSocketUrl } from './config.js';
import { openRealtime, type Realtime } from './realtime.js';
import { EndpointsCodec } from './wire/codecs.js';
import { eventsOfTier } from './wire/events.js';

export interface ConnectSetup {
  config: CrispConfig;
  context: AccountContext;
  transport: Transport;
  api: CrispApi;
}

/** The account's realtime socket, authenticated. */
export async function connect(setup: ConnectSetup, signal: AbortSignal): Promise<Realtime> {
  const { config, context, transport } = setup;
  // Asked in any case before the first connection: the answer tells the platform's time as well.
  if (config.rtmUrl !== undefined && transport.platform.aheadMs() === undefined) {
    await discover(setup, { signal, retry: false }).catch(() => undefined);
  }
  const url = config.rtmUrl ?? (await discover(setup, { signal }));
  const keypair = await transport.auth.keypair();
  try {
    const realtime = await openRealtime(
      {
        url,
        keypair,
        tier: config.tier,
        events: eventsOfTier(config.tier),
        ...(config.website !== undefined && { rooms: [config.website] }),
        account: context,
      },
      signal,
    );
    transport.auth.accepted();
    return realtime;
  } catch (error) {
    if (isParleyError(error, 'ERR_AUTHENTICATION')) await transport.auth.refused(keypair).catch(() => {});
    throw error;
  }
}

/** Asked before every connection: the address changes. */
async function discover({ api, config, context }: ConnectSetup, options: CallOptions): Promise<string> {
  const answer =
    config.tier === 'plugin'
      ? await api.plugin.getEndpoints({}, options)
      : config.tier === 'user'
        ? await api.user.getEndpoints({}, options)
        : await api.connect.getEndpoints({}, options);
  const url = decode(EndpointsCodec, answer, 'Crisp endpoints').socket?.app;
  if (typeof url === 'string' && isSocketUrl(url)) return url;
  throw new ParleyError(
    'ERR_UNEXPECTED_PAYLOAD',
    'Crisp endpoints: socket.app: expected wss:// with host and path; see the option rtmUrl',
    { account: context.name },
  );
}
