import type { AccountNotice, Adapter, AdapterDefinition, Checkpoint } from '../adapter.js';
import type { Claims } from '../claims.js';
import type { Engine } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Log } from '../log.js';
import { ACCOUNT_NAME } from '../model/id.js';

/** Opens every account under its name, with the engine behind it. */
export function openAccounts(
  definitions: Record<string, AdapterDefinition>,
  engine: Engine,
  log: Log,
  report: (account: string, notice: AccountNotice) => void,
): Map<string, Adapter> {
  const opened = new Map<string, Adapter>();
  if (typeof definitions !== 'object' || definitions === null) {
    throw new ParleyError('ERR_CONFIG', 'createBot({ accounts }): expected an object of accounts by name');
  }
  for (const [name, definition] of Object.entries(definitions)) {
    if (!ACCOUNT_NAME.test(name)) {
      throw new ParleyError(
        'ERR_CONFIG',
        `accounts.${name.slice(0, 80)}: a name is a letter, then letters, digits, - or _, at most 63`,
      );
    }
    if (typeof definition?.open !== 'function') {
      throw new ParleyError(
        'ERR_CONFIG',
        `accounts.${name}: expected an adapter, for example web1on1({ ... })`,
      );
    }
    const adapter = definition.open({
      name,
      clock: engine.clock,
      log,
      tokens: engine.tokens,
      checkpoint: checkpointOf(name, engine),
      claims: claimsOf(name, engine),
      limiter: (rate) => engine.limiter(name, rate),
      report: (notice) => report(name, notice),
    });
    opened.set(name, adapter);
  }
  if (opened.size === 0) throw new ParleyError('ERR_CONFIG', 'accounts: expected at least one');
  return opened;
}

/** State of the account itself: a scope without a colon is no conversation's and no contact's. The last writer wins. */
function checkpointOf(account: string, engine: Engine): Checkpoint {
  const kind = 'checkpoint';
  return {
    read: async () => (await engine.readState(account, kind))?.value,
    write: async (value) => {
      for (;;) {
        const version = (await engine.readState(account, kind))?.version ?? 0;
        if (await engine.writeState({ scope: account, kind, value, version })) return;
      }
    },
  };
}

/** State that expires: whoever writes it first has it. */
function claimsOf(account: string, engine: Engine): Claims {
  const placeOf = (what: string) => ({ scope: account, kind: `claim:${what}` });
  return {
    take: async (what, ms) => {
      const expiresAt = engine.clock.now() + ms;
      return engine.writeState({ ...placeOf(what), value: '1', version: 0, expiresAt });
    },
    giveBack: async (what) => {
      const place = placeOf(what);
      const version = (await engine.readState(place.scope, place.kind))?.version;
      if (version !== undefined) await engine.writeState({ ...place, value: undefined, version });
    },
  };
}
