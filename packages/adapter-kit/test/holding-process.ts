/** Takes a lock and never gives it back: `holding-process.ts <folder>`. */
import { fileTokenStore } from '../src/index.js';

const store = fileTokenStore(process.argv[2] ?? '', { staleMs: 2_000 });
await store.withLock('leads', async () => {
  process.send?.('held');
  await new Promise((resolve) => setInterval(resolve, 2 ** 30));
});
