import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Event } from '@parley/core';
import { anEvent, eventually } from '@parley/testing';
import { sqlite } from '../src/index.js';
import { child } from './child.js';
import type { ToChild, ToParent } from './provider-process.js';
import { tempFolder } from './temp-folder.js';

let folder: ReturnType<typeof tempFolder>;
let file: string;
let bot: ChildProcess | undefined;
let isOver: boolean;

beforeEach(() => {
  folder = tempFolder();
  file = folder.path('bot.db');
  isOver = false;
});

afterEach(async () => {
  // A test that timed out must not start another process.
  isOver = true;
  if (bot?.exitCode === null && bot.signalCode === null) {
    bot.kill('SIGKILL');
    await once(bot, 'close');
  }
  folder.remove();
});

/** The provider: what has arrived there, once per time that it did. */
class Provider {
  readonly arrived: { lane: string; text: string }[] = [];
  readonly acknowledged = new Set<string>();
  readonly turns: string[] = [];
  /** Messages of the bot's after which it is killed. */
  killAfter = Number.POSITIVE_INFINITY;

  /** Starts the bot and sends what it has not acknowledged. Resolves when it has ended, or all is done. */
  async run(events: readonly Event[], isDone: () => boolean): Promise<void> {
    if (isOver) return;
    const process = child('provider-process.ts', file);
    bot = process;
    let left = this.killAfter;
    const done = Promise.withResolvers<void>();
    process.on('message', (message: ToParent) => {
      this.#hear(process, message, events);
      left -= 1;
      if (left === 0) process.kill('SIGKILL');
      if (isDone()) done.resolve();
    });
    // `close` and not `exit`: what it said last may still be on its way.
    const ended = Promise.all([once(process, 'close'), once(process, 'disconnect')]);
    await Promise.race([ended, done.promise]);
  }

  #hear(process: ChildProcess, message: ToParent, events: readonly Event[]): void {
    const say = (answer: ToChild): void => {
      if (process.connected) process.send(answer, () => {});
    };
    switch (message.kind) {
      case 'started':
        // What it has acknowledged comes again, too, as providers do.
        for (const event of events) {
          if (!this.acknowledged.has(event.id) || event.id.endsWith('3')) say({ kind: 'accept', event });
        }
        return;
      case 'accepted':
        this.acknowledged.add(message.id);
        return;
      case 'turn':
        this.turns.push(message.id);
        return;
      case 'sent':
        this.arrived.push({ lane: message.lane, text: message.id });
        say({ kind: 'answer', id: message.id, found: true });
        return;
      case 'lookUp':
        say({ kind: 'answer', id: message.id, found: this.arrived.some(({ text }) => text === message.id) });
        return;
    }
  }
}

const textEvent = (lane: string, text: string): Event =>
  anEvent('message.received', { id: `leads:${text}`, conversationId: lane, content: text });

test('killed again and again, it loses nothing that it acknowledged and does nothing twice', async () => {
  const lanes = Array.from({ length: 8 }, (_, index) => `leads:c${index}`);
  const textsOf = (lane: string): string[] => Array.from({ length: 25 }, (_, index) => `${lane} n${index}`);
  const events = lanes.map((lane) => textsOf(lane).map((text) => textEvent(lane, text)));
  const inTurns = Array.from({ length: 25 }, (_, index) =>
    events.map((ofLane) => ofLane[index] as Event),
  ).flat();
  const provider = new Provider();
  const isDone = (): boolean => provider.arrived.length >= 2 * inTurns.length;
  for (const killAfter of [30, 90, 155, 60, 210, 120, Number.POSITIVE_INFINITY]) {
    provider.killAfter = killAfter;
    await provider.run(inTurns, isDone);
  }
  bot?.kill('SIGKILL');
  await once(bot as ChildProcess, 'close');
  for (const lane of lanes) {
    const said = provider.arrived.filter((message) => message.lane === lane).map(({ text }) => text);
    for (const ending of [' at once', ' held']) {
      expect(said.filter((text) => text.endsWith(ending))).toEqual(
        textsOf(lane).map((text) => `${text}${ending}`),
      );
    }
  }
  const engine = sqlite(file);
  expect(lanes.map((lane) => engine.readState(lane, 'count'))).toEqual(
    lanes.map(() => expect.objectContaining({ value: '25' })),
  );
  expect(engine.stats()).toMatchObject({ pendingEvents: 0, deadLetters: 0 });
  await engine.close();
});

test('a turn that kills its process becomes a dead letter after ten times, and those that ran beside it do not', async () => {
  const others = Array.from({ length: 12 }, (_, index) => textEvent(`leads:c${index}`, `other ${index}`));
  const killer = textEvent('leads:bad', 'kill');
  const behind = textEvent('leads:bad', 'behind');
  const provider = new Provider();
  const seed = sqlite(file);
  await seed.accept([...others.slice(0, 6), killer, behind, ...others.slice(6)]);
  await seed.close();

  const isDone = (): boolean => provider.arrived.length >= 2 * (others.length + 1);
  let lives = 0;
  for (; !isDone() && lives < 15; lives += 1) await provider.run([], isDone);
  expect(lives).toBe(11);
  expect(provider.turns.filter((id) => id === killer.id)).toHaveLength(10);
  expect(provider.arrived.map(({ text }) => text).toSorted()).toEqual(
    [...others.map((_, index) => `other ${index}`), 'behind']
      .flatMap((text) => [`${text} at once`, `${text} held`])
      .toSorted(),
  );
  bot?.kill('SIGTERM');
  await once(bot as ChildProcess, 'close');
  const engine = sqlite(file);
  const letters = await eventually(
    async () => engine.deadLetters.list(),
    () => 'no dead letter',
  );
  expect(letters).toMatchObject([
    {
      kind: 'event',
      event: { id: killer.id },
      error: { message: 'The process died 10 times while this turn ran' },
    },
  ]);
  await engine.close();
});
