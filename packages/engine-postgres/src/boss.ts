import { PgBoss } from 'pg-boss';
import type { Database } from './database.js';
import type { Settings } from './options.js';

/** pg-boss on our connections, which only hands out jobs: it runs no supervisor and no scheduler, and changes no tables. */
export function openBoss({ jobsSchema }: Settings, { run }: Database): PgBoss {
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => ({ rows: await run(text, values) }) },
    schema: jobsSchema,
    migrate: false,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => {});
  return boss;
}
