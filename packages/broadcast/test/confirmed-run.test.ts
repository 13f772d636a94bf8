import { appendFileSync } from 'node:fs';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { StateWrite } from '@parley/core';
import { anAccount, fakeAdapter } from '@parley/testing';
import { type CampaignRecipient, openPlanner, type PlanReport, type StateAccess } from '../src/index.js';
import { campaignFolder } from './campaign-folder.js';
import { aCampaign, all, closeScenes, setScene } from './scene.js';

const HOUR = 3_600_000;

const folder = campaignFolder();
afterEach(closeScenes);
afterAll(() => folder.remove());

const addressesOf = (people: readonly CampaignRecipient[]): string[] => people.map(({ to }) => to.value);

test('a run is of those who were confirmed, whatever has become of the file since', async () => {
  const { broadcast } = await setScene();
  const file = folder.write('people.csv', 'phone,name', '+31612340001,Noor');
  const seen: PlanReport[] = [];
  const { id, recipients } = await broadcast.run(aCampaign(0, { audience: [{ file }] }), {
    confirm(plan) {
      seen.push(plan);
      appendFileSync(file, '\n+31612340002,Somebody else\n');
    },
  });
  expect(seen).toMatchObject([{ recipients: 1, campaign: 'may' }]);
  expect(recipients).toBe(1);
  expect(addressesOf(await all(broadcast.recipients(id)))).toEqual(['+31612340001']);
});

test('nothing is kept of a plan that is not confirmed, and it can be confirmed later', async () => {
  const { broadcast, engine } = await setScene();
  const kept = new Set<string>();
  const state: StateAccess = {
    clock: engine.clock,
    readState: (scope, kind) => engine.readState(scope, kind),
    writeState(write) {
      const place = `${write.scope} ${write.kind}`;
      if (write.value === undefined) kept.delete(place);
      else kept.add(place);
      return engine.writeState(write);
    },
  };
  const planner = openPlanner(state, { shop: fakeAdapter().open(anAccount({ name: 'shop' })) });
  const no = (): never => {
    expect(kept.size).toBe(3);
    throw new Error('too many');
  };
  await expect(planner.run(aCampaign(250), { confirm: no })).rejects.toThrow('too many');
  expect(await broadcast.runs()).toEqual([]);
  expect([...kept]).toEqual([]);
  expect(await planner.run(aCampaign(3), { confirm: () => {} })).toMatchObject({ recipients: 3 });
});

test('whoever is shown at a question that nobody ever answers, the process having died, is forgotten within a day', async () => {
  const { broadcast, engine, clock } = await setScene();
  const places: StateWrite[] = [];
  const state: StateAccess = {
    clock,
    readState: (scope, kind) => engine.readState(scope, kind),
    writeState(write) {
      places.push(write);
      return engine.writeState(write);
    },
  };
  const planner = openPlanner(state, { shop: fakeAdapter().open(anAccount({ name: 'shop' })) });
  const asked = Promise.withResolvers<void>();
  void planner.run(aCampaign(250), { confirm: () => new Promise(() => asked.resolve()) });
  await asked.promise;
  expect(places).toHaveLength(3);
  const { id } = await broadcast.run(aCampaign(250), { confirm: () => {} });
  await clock.advance(25 * HOUR);
  const found = await Promise.all(places.map(async ({ scope, kind }) => engine.readState(scope, kind)));
  expect(found.filter((entry) => entry !== undefined)).toHaveLength(0);
  // A run is kept for as long as any other.
  expect(await all(broadcast.recipients(id))).toHaveLength(250);
});

test('a question that is answered days later runs nothing', async () => {
  const { broadcast, clock } = await setScene();
  const late = broadcast.run(aCampaign(3), { confirm: () => clock.advance(25 * HOUR) });
  await expect(late).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  expect(await broadcast.runs()).toEqual([]);
});

test('who comes later is not asked: the run is there', async () => {
  const { broadcast } = await setScene();
  await broadcast.run(aCampaign(2));
  const asked: PlanReport[] = [];
  const again = await broadcast.run(aCampaign(5), { confirm: (plan) => void asked.push(plan) });
  expect(asked).toEqual([]);
  expect(again.recipients).toBe(2);
});

test('a plan with bad rows is shown before it is refused', async () => {
  const { broadcast } = await setScene();
  const shown: PlanReport[] = [];
  const spec = aCampaign(0, { audience: [{ contacts: [{ phone: '12', name: 'Noor' }] }] });
  const refused = broadcast.run(spec, { confirm: (plan) => void shown.push(plan) });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  expect(shown).toMatchObject([{ badRowCount: 1, recipients: 0 }]);
});
