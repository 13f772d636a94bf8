import type { Erased } from '@parley/core';
import type { Deliveries } from './deliveries.js';
import type { Scrub } from './scrub.js';
import type { Store } from './store.js';
import type { Turns } from './turns.js';

const SCOPES = 'SELECT value FROM temp.scope';

/** Of events that wait or are dead. */
const TURNS = `
  SELECT turn AS value FROM inbox WHERE lane IN (${SCOPES})
  UNION SELECT id FROM dead WHERE kind = 'event' AND lane IN (${SCOPES})
`;

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
    ({ lanes, turnIds }) => {
      turns.erased(lanes);
      deliveries.erased(lanes);
      for (const turnId of turnIds) deliveries.released(turnId);
    },
  );
  await scrub.run();
  return erased;
}

interface ErasedRows {
  readonly lanes: Set<string>;
  readonly turnIds: readonly string[];
  readonly erased: Erased;
}

function eraseRows({ db }: Store, scopes: readonly string[]): ErasedRows {
  db.exec(
    'CREATE TEMP TABLE IF NOT EXISTS scope (value TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM temp.scope',
  );
  const add = db.prepare('INSERT OR IGNORE INTO temp.scope VALUES (?)');
  for (const scope of scopes) add.run(scope);
  db.exec(EVERYTHING_ABOUT);
  const values = (sql: string): string[] =>
    Array.from(db.prepare(sql).all(), (row) => row['value'] as string);
  const lanes = new Set(values(SCOPES));
  const turnIds = values(TURNS);
  const remove = (table: string, column: string): number =>
    Number(db.prepare(`DELETE FROM ${table} WHERE ${column} IN (${SCOPES})`).run().changes);
  const effects = remove('effect', 'lane');
  // What these turns have recorded in other lanes: it leaves, and nobody asks for it afterwards.
  db.exec(`
    DELETE FROM effect WHERE turn IN (${TURNS}) AND status <> 'queued' AND expires IS NULL;
    UPDATE effect SET turn = NULL WHERE turn IN (${TURNS});
  `);
  const erased: Erased = {
    events: remove('inbox', 'lane'),
    effects,
    states: remove('state', 'scope'),
    timers: remove('timer', 'scope'),
    deadLetters: remove('dead', 'lane'),
  };
  db.exec('DELETE FROM temp.scope');
  return { lanes, turnIds, erased };
}
