/** Opens a file and keeps it open: `holding-process.ts <file>`. */
import { sqlite } from '../src/index.js';

sqlite(process.argv[2] ?? '').stats();
process.send?.('open');
setInterval(() => {}, 2 ** 30);
