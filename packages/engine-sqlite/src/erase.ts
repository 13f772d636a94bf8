import type { Erased } from '@parley/core';
import type { Deliveries } from './deliveries.js';
import type { Scrub } from './scrub.js';
import type { Store } from './store.js';
import type { Turns } from './turns.js';

const SCOPES = 'SELECT value FROM temp.scope';

/** These scopes and, of those that are contacts, every lane whose state or events are about them. */
const EVERYTHING_ABOUT = `
  INSERT OR IGNORE INTO temp.scope
  SELECT scope FROM state WHERE subject IN (${SCOPES})
  UNION SELECT lane FROM inbox WHERE contact IN (${SCOPES})
  UNION SELECT lane FROM dead WHERE contact IN (${SCOPES})
`;

/**
 * Removes everything of these contacts, conversations or lanes, also from free pages and from the write-ahead log.
 *
 * @throws ERR_UNAVAILABLE if the disk refuses: erase again, the rows may be gone and only their traces be left
 */
export async function erase(
  store: Store,
  turns: Turns,
  deliveries: Deliveries,
  scrub: Scrub,
  scopes: readonly string[],
): Promise<Erased> {
  const { erased } = await store.writer.write(
    () => eraseRows(store, scopes),
    ({ lanes }) => {
      turns.erased(lanes);
      deliveries.erased(lanes);
    },
  );
  await scrub.run();
  return erased;
}

function eraseRows(
  { db, effects, dead }: Store,
  scopes: readonly string[],
): { lanes: Set<string>; erased: Erased } {
  db.exec(
    'CREATE TEMP TABLE IF NOT EXISTS scope (value TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM temp.scope',
  );
  const add = db.prepare('INSERT OR IGNORE INTO temp.scope VALUES (?)');
  for (const scope of scopes) add.run(scope);
  db.exec(EVERYTHING_ABOUT);
  const lanes = new Set(
    db
      .prepare(SCOPES)
      .all()
      .map((row) => row['value'] as string),
  );
  // What the turns of dead events have recorded elsewhere.
  for (const row of db.prepare(`SELECT id FROM dead WHERE lane IN (${SCOPES})`).all()) {
    for (const id of dead.get(row['id'] as string)?.records ?? []) effects.release(id);
  }
  const remove = (table: string, column: string): number =>
    Number(db.prepare(`DELETE FROM ${table} WHERE ${column} IN (${SCOPES})`).run().changes);
  const erased: Erased = {
    events: remove('inbox', 'lane'),
    effects: remove('effect', 'lane'),
    states: remove('state', 'scope'),
    timers: remove('timer', 'scope'),
    deadLetters: remove('dead', 'lane'),
  };
  db.exec('DELETE FROM temp.scope');
  return { lanes, erased };
}
