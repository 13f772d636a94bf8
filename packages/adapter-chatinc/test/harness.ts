import type { Fault as EmulatorFault } from '@parley/emulators';
import type { AdapterHarness, Fault } from '@parley/testing';
import { startStage } from './account.js';

/** What the suite calls a fault, at this platform. */
const FAULTS: Record<Fault, EmulatorFault> = {
  'rate limited': { kind: 'status', status: 429 },
  unavailable: { kind: 'status', status: 503 },
  rejected: { kind: 'status', status: 400, body: { status: 'error', message: 'Validation failed' } },
  malformed: { kind: 'malformed' },
  'lost answer': { kind: 'drop-after' },
  'lost request': { kind: 'drop-before' },
};

const draft = {
  key: 'spring-1',
  title: 'Spring',
  template: { body: 'a text that only two people should know', language: 'en-US' },
  example: {},
};

async function* nobody(): AsyncGenerator<never> {}

/** A fresh emulator with a campaign in it, and an adapter with its key. */
export async function chatincHarness(): Promise<AdapterHarness> {
  const stage = await startStage({ approvalDelayMs: 0 });
  const { emulator } = stage;
  const adapter = stage.open();
  const { campaigns, api } = adapter;
  const { id } = await campaigns.create(draft);
  const request = { draft, campaignId: id, recipients: 1, before: { counts: {} } };
  return {
    adapter,
    open: (account) => stage.open({}, { account }),
    secrets: [emulator.credentials.apiKey],
    known: {},
    unknownExternalId: 'c_000000000000000',
    fail: (fault) => emulator.faults.next({ ...FAULTS[fault] }),
    moreCalls: {
      'campaigns.create': (options) => campaigns.create({ ...draft, key: 'spring-2' }, options),
      'campaigns.address': (options) => campaigns.address(draft, nobody(), options),
      'campaigns.find': (options) => campaigns.find(draft, options),
      'campaigns.list': (options) => campaigns.list(options),
      'campaigns.run': (options) => campaigns.run(request, options),
      'campaigns.results': (options) => campaigns.results(draft, id, options),
      'api.retrieveCampaigns': (options) => api.retrieveCampaigns({}, options),
      'api.createVariableGroup': (options) =>
        api.createVariableGroup({ name: 'order', fields: [], values: [] }, options),
    },
    close: () => stage.close(),
  };
}
