import { describe, expect, test } from '@jest/globals';
import type { Addressee, CampaignDraft } from '@parley/core';
import { type Stage, startStage } from './account.js';

const DRAFT: CampaignDraft = {
  key: 'spring-1',
  title: 'Spring sale',
  template: { body: 'Everything must go.', language: 'en-US' },
  example: {},
};

async function* people(...emails: string[]): AsyncGenerator<Addressee> {
  for (const email of emails) yield { to: { channel: 'email', value: email }, name: 'Ada', values: {} };
}

async function asOperator(run: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await startStage({ tier: 'user' });
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

function campaignsOf({ open }: Stage, options: Parameters<Stage['open']>[0] = {}) {
  const { campaigns } = open({ secret: undefined, realtime: false, ...options });
  if (campaigns === undefined) throw new Error('an operator has campaigns');
  return campaigns;
}

describe('campaigns of an operator', () => {
  test('go to those they are addressed to, once each, and tell who has read them', async () => {
    await asOperator(async (stage) => {
      const campaigns = campaignsOf(stage);
      await stage.open().contacts.create({ email: 'bystander@example.com' });
      await campaigns.address(DRAFT, people('ada@example.com', 'ben+a/b?c#d%20@example.com'));
      await campaigns.address(DRAFT, people('ada@example.com'));
      const made = await campaigns.create(DRAFT);
      expect(made).toMatchObject({
        title: 'Spring sale (spring-1)',
        templateStatus: 'approved',
        state: 'idle',
      });
      expect(await campaigns.find(DRAFT)).toEqual(made);
      expect(await campaigns.create(DRAFT)).toEqual(made);
      expect(await campaigns.find({ ...DRAFT, key: 'spring-2' })).toBeUndefined();
      const request = { draft: DRAFT, campaignId: made.id, recipients: 2, before: made };
      expect(await campaigns.findRun(request, made.title)).toBe(false);
      await campaigns.run(request);
      expect(await campaigns.findRun(request, made.title)).toBe(true);
      const mails = stage.emulator.campaignMails();
      expect(mails).toHaveLength(2);
      expect(new Map(mails.map(({ email, message }) => [email, message]))).toEqual(
        new Map([
          ['ada@example.com', 'Everything must go.'],
          ['ben+a/b?c#d%20@example.com', 'Everything must go.'],
        ]),
      );
      stage.emulator.openMail(mails.find(({ email }) => email === 'ada@example.com')?.id ?? '');
      expect(await Array.fromAsync(campaigns.results(DRAFT, made.id))).toEqual(
        expect.arrayContaining([
          { to: { channel: 'email', value: 'ada@example.com' }, status: 'read' },
          { to: { channel: 'email', value: 'ben+a/b?c#d%20@example.com' }, status: 'sent' },
        ]),
      );
      expect(await campaigns.find(DRAFT)).toMatchObject({
        state: 'done',
        runs: 1,
        counts: { sent: 2, read: 1 },
      });
      expect(await Array.fromAsync(campaigns.list())).toMatchObject([{ id: made.id }]);
    });
  });

  test('keep the segments that a person is in', async () => {
    await asOperator(async (stage) => {
      const { api } = stage.open();
      await api.people.create({ body: { email: 'ada@example.com', segments: ['vip'] } });
      await campaignsOf(stage).address(DRAFT, people('ada@example.com'));
      expect(stage.emulator.people()).toMatchObject([{ segments: ['vip', 'spring-1'] }]);
    });
  });

  test('are not sent where the platform would send them to more people', async () => {
    await asOperator(async (stage) => {
      const campaigns = campaignsOf(stage);
      await campaigns.address(DRAFT, people('ada@example.com', 'ben@example.com'));
      const { id: campaignId, counts } = await campaigns.create(DRAFT);
      const request = { draft: DRAFT, campaignId, recipients: 1, before: { counts } };
      await expect(campaigns.run(request)).rejects.toMatchObject({ code: 'ERR_REJECTED' });
      expect(stage.emulator.campaignMails()).toEqual([]);
    });
  });

  test('are not found while they are made and not written: such a one would go to everybody', async () => {
    await asOperator(async (stage) => {
      const campaigns = campaignsOf(stage);
      stage.emulator.faults.next({ kind: 'status', status: 500, route: 'PUT /v1/*', times: 9 });
      await expect(campaigns.create(DRAFT, { retry: false })).rejects.toMatchObject({
        code: 'ERR_UNAVAILABLE',
      });
      expect(await campaigns.find(DRAFT)).toBeUndefined();
      stage.emulator.faults.clear();
      await campaigns.create(DRAFT);
      expect(await Array.fromAsync(campaigns.list())).toHaveLength(1);
    });
  });

  test('say while they run and when they are done', async () => {
    await asOperator(async (stage) => {
      const campaigns = campaignsOf(stage);
      const feed = stage.open({ secret: undefined, realtime: true }).feed;
      const stop = new AbortController();
      const heard: string[] = [];
      const listening = (async () => {
        for await (const events of feed?.events(stop.signal) ?? []) {
          for (const event of events) {
            if (event.name === 'campaign.progress') heard.push(`${event.name} ${event.percent}`);
            else if ('campaignId' in event) heard.push(event.name);
          }
          if (heard.length === 3) stop.abort();
        }
      })();
      await stage.emulator.rtm.connected();
      await campaigns.address(DRAFT, people('ada@example.com'));
      const { id: campaignId, counts } = await campaigns.create(DRAFT);
      await campaigns.run({ draft: DRAFT, campaignId, recipients: 1, before: { counts } });
      await listening;
      expect(heard.toSorted()).toEqual(['campaign.completed', 'campaign.progress 100', 'campaign.started']);
    });
  });

  test('are nothing that a plugin has', async () => {
    const stage = await startStage();
    try {
      expect(stage.open().campaigns).toBeUndefined();
    } finally {
      await stage.close();
    }
  });
});
