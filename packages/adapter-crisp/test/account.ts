import { type CrispEmulatorOptions, startCrisp } from '@parley/emulators';
import { setStage } from '@parley/testing';
import { type CrispOptions, crisp } from '../src/index.js';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** An emulator, and adapters with its plugin's keypair. */
export async function startStage(settings: CrispEmulatorOptions = {}) {
  const emulator = await startCrisp(settings);
  const { origin, tier, identifier, key, websiteId: website, hookSecret: secret } = emulator.credentials;
  const keypair: CrispOptions = { tier, identifier, key };
  const reconnect = { firstMs: 1, maxMs: 5 };
  const options = { ...keypair, origin, website, secret, realtime: true, reconnect };
  return setStage({ emulator, factory: crisp, options });
}
