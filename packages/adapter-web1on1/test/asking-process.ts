/** Asks for our own user five times at once: `asking-process.ts <folder of the token store> <options as JSON>`. */
import { fileTokenStore, standaloneAccount } from '@parley/adapter-kit';
import { readClaims } from '../src/claims.js';
import { type Web1on1Options, web1on1 } from '../src/index.js';

const [folder = '', json = '{}'] = process.argv.slice(2);
const options: Web1on1Options = JSON.parse(json);
const adapter = web1on1(options).open(standaloneAccount('leads', { tokens: fileTokenStore(folder) }));
const self = readClaims(options.token ?? '').userId ?? '';
const users = await Promise.all(Array.from({ length: 5 }, () => adapter.api.users.get(self)));
process.stdout.write(`${users.length}\n`);
await adapter.close();
