import { startWeb1on1, type Web1on1EmulatorOptions } from '@parley/emulators';
import { setStage } from '@parley/testing';
import { web1on1 } from '../src/index.js';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** An emulator, and adapters with its bot's credentials. */
export async function startStage(settings: Web1on1EmulatorOptions = {}) {
  const emulator = await startWeb1on1({ rateLimit: false, ...settings });
  const { origin, token, refreshToken, botEmail: email, secret } = emulator.credentials;
  const options = { origin, token, refreshToken, email, secret };
  return setStage({ emulator, factory: web1on1, options });
}
