import { eraseFromRuns, openSuppressions } from '@parley/broadcast';
import type { Erased } from '@parley/core';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseUnknown } from './arguments.js';
import { stateOf } from './campaign-host.js';
import { columns } from './columns.js';
import { confirm } from './confirm.js';
import { erasedRows } from './erase.js';
import { ADDRESS_ARGS, addressOf } from './one-address.js';
import { operate } from './operate.js';

const ARGS = {
  ...ADDRESS_ARGS,
  yes: { type: 'boolean', description: 'Do not ask' },
} satisfies ArgsDef;

const QUESTION =
  'Everything that campaigns keep about this person goes: their place in runs, what became of it, what waits to be sent. For ever. Go on?';

/** What went, and whether the address is on the suppression list, where it stays. */
interface ErasedFromCampaigns extends Erased {
  runs: number;
  suppressed: boolean;
}

/** `parley campaign erase <address>`: takes a person out of all runs that are kept. */
export const eraseFromCampaigns = defineCommand({
  meta: { name: 'erase', description: 'Takes a person out of all runs that are kept' },
  args: ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ARGS);
    const address = addressOf(args);
    // Before the engine is opened: nothing is held while a person thinks.
    if (args.yes !== true && !(await confirm(QUESTION))) throw new Error('nothing was erased');
    const erased = await operate(args, async (operations): Promise<ErasedFromCampaigns> => {
      const state = stateOf(operations);
      const { runs, scopes } = await eraseFromRuns(state, address);
      const suppressed = await openSuppressions(state).has(address);
      return { runs, ...(await operations.erase(scopes)), suppressed };
    });
    process.stdout.write(args.json === true ? `${JSON.stringify(erased)}\n` : columns(rowsOf(erased)));
  },
});

function rowsOf({ runs, suppressed, ...erased }: ErasedFromCampaigns): string[][] {
  return [
    ['runs', String(runs)],
    ...erasedRows(erased),
    ['suppression list', suppressed ? STAYS_ON : STAYS_OFF],
  ];
}

const STAYS_ON = 'the address stays on it, so that no campaign writes to it again';
const STAYS_OFF = 'the address is not on it: a later campaign may write to it';
