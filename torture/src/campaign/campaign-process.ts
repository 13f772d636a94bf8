// One process of a bot that runs a campaign: started by run.ts, killed at any moment.

import { type Web1on1Adapter, web1on1 } from '@parley/adapter-web1on1';
import { createBroadcast } from '@parley/broadcast';
import { type AdapterDefinition, createBot, silentLog, stderrLog } from '@parley/core';
import { sqlite } from '@parley/engine-sqlite';
import { CAMPAIGN, type CampaignReport, type CampaignSetup, type Death, TEMPLATE } from './protocol.js';

function die(loops: number): void {
  if (loops === 0) process.kill(process.pid, 'SIGKILL');
  else setImmediate(() => die(loops - 1));
}

/** Ends the process around one of its messages. */
function dying(
  definition: AdapterDefinition<Web1on1Adapter>,
  death: Death | undefined,
): AdapterDefinition<Web1on1Adapter> {
  let begun = 0;
  let answered = 0;
  return {
    provider: definition.provider,
    open: (context) => {
      const adapter = definition.open(context);
      const open: Web1on1Adapter['conversations']['open'] = async (request, options) => {
        begun += 1;
        if (death !== undefined && death.at !== 'answer' && begun === death.message)
          die(death.at === 'request' ? death.loops : 0);
        const opened = await adapter.conversations.open(request, options);
        answered += 1;
        if (death?.at === 'answer' && answered === death.message) die(death.loops);
        return opened;
      };
      return { ...adapter, conversations: { ...adapter.conversations, open } };
    },
  };
}

async function run({
  file,
  audience,
  optedOut,
  provider,
  rate,
  lookUpAfterMs,
  death,
}: CampaignSetup): Promise<void> {
  if (death?.at === 'time') setTimeout(() => die(0), death.afterMs);
  const leads = web1on1({ ...provider, rate: { requests: rate, perMs: 1000 } });
  const engine = sqlite(file, { lookUpAfterMs, backoffMs: 100 });
  const bot = createBot({ accounts: { leads: dying(leads, death) }, engine, log: silentLog });
  const broadcast = createBroadcast(bot, { log: stderrLog });
  await bot.start();
  await broadcast.start();
  for (const address of optedOut) await broadcast.suppressions.add(address, 'opted_out');
  const { id } = await broadcast.run(
    {
      name: CAMPAIGN,
      account: 'leads',
      template: {
        body: 'Hello {contact.name}',
        language: 'en',
        approved: { web1on1: { id: TEMPLATE, variables: { Name: 'contact.name' } } },
      },
      audience: [{ file: audience }],
    },
    { skipBad: true },
  );
  const status = await broadcast.finished(id);
  const exported: Record<string, number> = {};
  for await (const recipient of broadcast.recipients(id))
    exported[recipient.status] = (exported[recipient.status] ?? 0) + 1;
  const { pendingEffects, deadLetters } = await bot.stats();
  const report: CampaignReport = { kind: 'report', status, exported, leftOver: pendingEffects + deadLetters };
  process.send?.(report);
  await broadcast.stop();
  await bot.close();
  process.disconnect();
}

process.on('disconnect', () => process.exit(1));
process.once('message', (setup: CampaignSetup) => {
  process.removeAllListeners('disconnect');
  run(setup).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
