import { describe, expect, test } from '@jest/globals';
import { type Progress, type Scene, Script } from '../src/demo/script.js';

/** A script whose process may be ended at any moment: what it has saved by then is what the next one begins with. */
function stage(saved: Progress = { scenes: 0, steps: [] }) {
  const progress = structuredClone(saved);
  const saves: Progress[] = [];
  const headings: string[] = [];
  const script = new Script(progress, {
    save: () => saves.push(structuredClone(progress)),
    watch: () => {},
    heading: (text) => headings.push(text),
  });
  return { script, saves, headings };
}

class Killed extends Error {}

describe('a script', () => {
  test('does each step once, whenever its process is ended and another one plays on', async () => {
    const done: string[] = [];
    const killedAfter = new Set<string>();
    let saved: Progress | undefined;
    const playOn = async (): Promise<void> => {
      const { script, saves } = stage(saved);
      const step = async (name: string): Promise<string> => {
        const value = await script.once(() => {
          done.push(name);
          return `after ${name}`;
        });
        if (killedAfter.has(name)) return value;
        killedAfter.add(name);
        throw new Killed();
      };
      const returned: string[] = [];
      const scenes: Scene[] = [
        ['first', async () => void returned.push(await step('one'), await step('two'))],
        ['second', async () => void returned.push(await step('three'))],
      ];
      try {
        await script.play(scenes);
        expect(returned).toEqual(['after three']);
      } finally {
        saved = saves.at(-1) ?? saved;
      }
    };
    for (let kills = 0; kills < 3; kills += 1) await expect(playOn()).rejects.toThrow(Killed);
    await playOn();
    expect(done).toEqual(['one', 'two', 'three']);
    expect(saved).toEqual({ scenes: 2, steps: [] });
  });

  test('saves what a step has done together with the step, before anything else can happen', async () => {
    const { script, saves } = stage();
    let world = 'untouched';
    const acted = script.once(() => {
      world = 'changed';
      return 'result';
    });
    expect([world, saves.at(-1)]).toEqual(['changed', { scenes: 0, steps: ['result'] }]);
    await acted;
  });

  test('counts an act as done with the first that is saved of it', () => {
    const { script, saves } = stage();
    let acted = 0;
    const act = () => {
      acted += 1;
      // What is told at once is saved before it is.
      void script.once(() => 'saved meanwhile');
    };
    script.act(act);
    expect(saves[0]?.steps[0]).toBeNull();
    const next = stage(saves[0]);
    next.script.act(act);
    expect(acted).toBe(1);
  });

  test('does not wait again for what was seen, and does for what was not', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return looks >= 3;
    };
    const first = stage();
    await first.script.seen('the third look', look);
    expect(looks).toBe(3);
    const second = stage(first.saves.at(-1));
    await second.script.seen('the third look', () => expect(looks).toBe('never asked') as never);
    await second.script.seen('another', () => true);
    expect(second.saves.at(-1)?.steps).toHaveLength(2);
  });

  test('plays on in the scene where it was, and says which one that is', async () => {
    const { script, headings } = stage({ scenes: 1, steps: [] });
    const played: string[] = [];
    await script.play([
      ['first', async () => void played.push('first')],
      ['second', async () => void played.push('second')],
    ]);
    expect([played, headings]).toEqual([['second'], ['2/2  second']]);
  });
});
