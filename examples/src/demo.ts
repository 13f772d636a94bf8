import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endWithItsCommand } from './demo/command.js';
import { typeAsCustomer } from './demo/customer.js';
import { NoFolder } from './demo/folder.js';
import { printNext } from './demo/next.js';
import { scenesOf } from './demo/scenes.js';
import { NotSeen } from './demo/script.js';
import { openStage, type Stage } from './demo/stage.js';

// Starts an emulated Web1on1, an emulated Crisp and a bot in a process of its own, plays conversations over real sockets, and
// prints what the providers saw. Killed at any moment and started again, it goes on. `--once` ends after the script, and so does
// a run without a terminal.

const DATA = join(import.meta.dirname, '../../.parley-demo');

const { once, fresh, data } = readArguments();
endWithItsCommand();
const stage = await open();
try {
  await stage.begin();
  await stage.script.play(scenesOf(stage));
  if (once || !process.stdin.isTTY) {
    printNext(stage, undefined);
    stage.transcript.remark(
      '\n  Without --once, in a terminal, the servers stay up and you are the customer.',
    );
  } else {
    const you = await stage.emulator.contact({ name: 'You', telephone: '+31600000000', channel: 'whatsapp' });
    const { sessionId } = stage.crisp.visitor({ nickname: 'Visitor' });
    printNext(stage, { contactId: you.contactId, sessionId });
    await typeAsCustomer(stage, you);
  }
  await stage.close({ forget: true });
} catch (error) {
  await stage.close({ forget: false });
  if (!(error instanceof NotSeen)) throw error;
  console.error(
    `demo: ${error.message}. Started again, it goes on from here; with --fresh, from the beginning.`,
  );
  process.exitCode = 1;
}

async function open(): Promise<Stage> {
  try {
    const stage = await openStage({ folder: data, fresh, print: (line) => console.log(line) });
    printStart(stage);
    return stage;
  } catch (error) {
    if (!(error instanceof NoFolder)) throw error;
    console.error(`demo: cannot keep its data in ${data}: ${error.message}. --data takes another folder.`);
    process.exit(1);
  }
}

function printStart(stage: Stage): void {
  const { cutOff, transcript } = stage;
  transcript.remark(
    'One bot, two providers: it talks to an emulated Web1on1 and an emulated Crisp over real sockets.',
  );
  transcript.remark('What follows is what the providers saw; times are UTC.');
  transcript.remark(`What all of them know is in ${data}: kill -9 this, start it again, and it goes on.`);
  if (cutOff === undefined) {
    transcript.heading('The bot and the providers get to know each other');
  } else {
    const scenes = scenesOf(stage);
    const where =
      scenes[cutOff.scenes] === undefined
        ? 'after the last scene'
        : `in scene ${cutOff.scenes + 1}/${scenes.length}`;
    transcript.heading(`A run was cut off ${where}`);
    transcript.remark(`  Webhooks that the provider has yet to deliver: ${cutOff.webhooks}.`);
  }
}

function readArguments(): { once: boolean; fresh: boolean; data: string } {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        data: { type: 'string', default: DATA },
      },
    });
    return values;
  } catch (error) {
    console.error(
      `demo: ${error instanceof Error ? error.message : 'wrong arguments'}. The options are --once (no customer at the terminal), --fresh (forget a run that was cut off) and --data <folder>.`,
    );
    process.exit(2);
  }
}
