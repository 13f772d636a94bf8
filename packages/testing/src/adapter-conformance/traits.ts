import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { callsOf } from './calls.js';
import { type Case, rejectsWith } from './case.js';
import type { AdapterHarness, Fault } from './harness.js';

/** Promises that hold for every call alike. */
export const traits: Case[] = [
  {
    name: 'rejects every call with ERR_ABORTED whose signal has already fired',
    applies: () => true,
    async check(harness) {
      const aborted = AbortSignal.abort(new Error('the caller gave up'));
      await forEachCall(harness, (call) => rejectsWith(call({ signal: aborted }), 'ERR_ABORTED'));
    },
  },
  {
    name: 'rejects every call with ERR_ABORTED once it is closed, and may be closed twice',
    applies: () => true,
    async check(harness) {
      await harness.adapter.close();
      await harness.adapter.close();
      await forEachCall(harness, (call) => rejectsWith(call({}), 'ERR_ABORTED'));
    },
  },
  {
    name: 'shows no secret and no text in any error',
    applies: () => true,
    async check(harness) {
      const text = 'a text that only two people should know';
      const hidden = [...harness.secrets.filter((secret) => secret !== ''), text];
      for (const error of await provoked(harness, text)) {
        const printed = printedForms(error);
        const shown = hidden.filter((one) => printed.includes(one));
        assert.equal(
          shown.length,
          0,
          `an error shows ${shown.length === 1 && shown[0] === text ? 'a text' : 'a secret'}`,
        );
      }
    },
  },
];

async function forEachCall(
  harness: AdapterHarness,
  check: (call: ReturnType<typeof callsOf>[number][1]) => Promise<unknown>,
): Promise<void> {
  const wrong: string[] = [];
  for (const [name, call] of callsOf(harness)) {
    await check(call).catch((error: Error) => wrong.push(`${name}: ${error.message}`));
  }
  assert.deepEqual(wrong, []);
}

const FAULTS: readonly Fault[] = [
  'rate limited',
  'unavailable',
  'rejected',
  'malformed',
  'lost answer',
  'lost request',
];

/** Errors of every kind that this adapter can be made to give, by calls that carry a text. */
async function provoked(harness: AdapterHarness, text: string): Promise<unknown[]> {
  const { adapter, known, unknownExternalId, webhooks } = harness;
  const errors: unknown[] = [];
  const keep = (call: () => unknown): Promise<void> =>
    (async () => call())().then(
      () => {},
      (error: unknown) => {
        errors.push(error);
      },
    );
  const unknown = `${adapter.account}:${unknownExternalId}`;
  const content = { kind: 'text' as const, text };
  const send = (conversationId: string) =>
    adapter.messages?.send({ conversationId, content, key: `hidden-${errors.length}` }, { retry: false });

  await keep(() => send(unknown));
  await keep(() => adapter.conversations?.get(unknown));
  await keep(() => adapter.contacts?.get(unknown));
  for (const fault of FAULTS) {
    const { conversationId, contactId } = known;
    const call =
      conversationId !== undefined && adapter.messages !== undefined
        ? () => send(conversationId)
        : contactId !== undefined && adapter.contacts !== undefined
          ? () => adapter.contacts?.get(contactId, { retry: false })
          : Object.values(harness.moreCalls ?? {})[0];
    if (call === undefined) break;
    await harness.fail(fault);
    await keep(() => call({ retry: false }));
  }
  if (adapter.webhook !== undefined && webhooks !== undefined) {
    for (const body of [
      text,
      JSON.stringify({ event: text, data: { message: text }, events: [{ key: text }] }),
    ]) {
      await keep(() => adapter.webhook?.receive(webhooks.sign(Buffer.from(body))));
      await keep(() => adapter.webhook?.receive(webhooks.sign(Buffer.from(body), 'another-secret')));
    }
  }
  const calls = callsOf(harness).length;
  assert.ok(errors.length > 0 || calls === 0, 'no call could be made to fail');
  return errors;
}

/** Everything a logger could print of an error: its words, stack, causes and fields, visible or not. */
function printedForms(error: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = error; one !== undefined && parts.length < 50; ) {
    parts.push(inspect(one, { depth: 10, showHidden: true, maxStringLength: null }));
    if (typeof one !== 'object' || one === null) break;
    parts.push(JSON.stringify(one) ?? '', `${(one as Error).message} ${(one as Error).stack}`);
    one = (one as Error).cause;
  }
  return parts.join('\n');
}
