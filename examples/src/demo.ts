import { parseArgs } from 'node:util';
import { typeAsCustomer } from './demo/customer.js';
import { printNext } from './demo/next.js';
import { play } from './demo/scenes.js';
import { NotSeen, openStage } from './demo/stage.js';

// Starts an emulated Web1on1, a bot and its server, plays a conversation over real sockets, and prints what the provider
// saw. `--once` ends after the script, and so does a run without a terminal.

const { once } = readArguments();
console.log(
  'A bot talks to an emulated Web1on1 over real sockets. What follows is what the provider saw; times are UTC.',
);
const stage = await openStage((line) => console.log(line));
try {
  await play(stage);
  if (once || !process.stdin.isTTY) {
    printNext(stage, undefined);
    stage.transcript.remark(
      '\n  Without --once, in a terminal, the servers stay up and you are the customer.',
    );
  } else {
    const you = await stage.emulator.contact({ name: 'You', telephone: '+31600000000', channel: 'whatsapp' });
    printNext(stage, you.contactId);
    await typeAsCustomer(stage, you);
  }
} catch (error) {
  if (!(error instanceof NotSeen)) throw error;
  stage.watch();
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
} finally {
  await stage.close();
}

function readArguments(): { once: boolean } {
  try {
    const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
    return values;
  } catch (error) {
    console.error(
      `demo: ${error instanceof Error ? error.message : 'wrong arguments'}. The only option is --once.`,
    );
    process.exit(2);
  }
}
