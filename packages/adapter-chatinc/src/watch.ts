import type { AccountContext, CampaignCounts } from '@parley/core';
import { createPeople, type People, type StoredPeople } from './people.js';
import type { ChatIncTemplateStatus } from './template-status.js';

/** What was told of a campaign last: the next reading is compared with it. */
export interface Watched {
  status: ChatIncTemplateStatus;
  /** How often the template's status has changed: tells one approval from the next. */
  changes: number;
  counts: CampaignCounts;
  /** The newest run, the first being 1; 0 before it. */
  run: number;
  /** Epoch milliseconds: when the newest run was first seen. */
  startedAt: number;
  /** Epoch milliseconds: when the counters last changed. */
  changedAt: number;
  /** The newest run is over. */
  done: boolean;
  /** Epoch milliseconds: when the details were read last. */
  detailsAt: number;
  /** The counters have changed since. */
  detailsDue: boolean;
  /** Missing until the details were read, where it is not known what was told of them before. */
  people?: People;
}

/** Everything that is watched, by campaign. */
export interface Watch {
  readonly campaigns: Map<string, Watched>;
  /** False until the list was read once: what was there before a first start is not told. */
  begun: boolean;
  store(): Promise<void>;
}

interface Stored {
  campaigns: [id: string, Omit<Watched, 'people'> & { people?: StoredPeople }][];
}

/** Reads the account's watch; without one it begins with the next reading. */
export async function readWatch({ checkpoint, log, name }: AccountContext): Promise<Watch> {
  const text = await checkpoint?.read();
  const stored = text === undefined ? undefined : (JSON.parse(text) as Stored);
  const campaigns = new Map<string, Watched>();
  for (const [id, { people, ...watched }] of stored?.campaigns ?? []) {
    campaigns.set(id, { ...watched, ...(people && { people: createPeople(people) }) });
  }
  const toStored = (): Stored => ({
    campaigns: Array.from(campaigns, ([id, { people, ...watched }]) => [
      id,
      { ...watched, ...(people && { people: people.toStored() }) },
    ]),
  });
  return {
    campaigns,
    begun: stored !== undefined,
    store: async () => {
      try {
        await checkpoint?.write(JSON.stringify(toStored()));
      } catch {
        // Events have ids made of what they say: told again, they are known.
        log.warn({ account: name }, 'Chat Inc: how far results are told could not be stored');
      }
    },
  };
}
