import { defineCommand } from 'citty';
import { emulateChatInc } from './emulate-chatinc.js';
import { emulateCrisp } from './emulate-crisp.js';
import { emulateWeb1on1 } from './emulate-web1on1.js';

/** `parley emulate <provider>`: one line of JSON with the credentials, then it serves until a signal. */
export const emulate = defineCommand({
  meta: { name: 'emulate', description: 'A messaging provider on localhost, until SIGTERM or SIGINT' },
  subCommands: { web1on1: emulateWeb1on1, crisp: emulateCrisp, chatinc: emulateChatInc },
});
