/** Of SQLite's header: `PRLY`. Tells our files from those of other programs. */
export const APPLICATION_ID = 0x50524c59;

/** One script per version of the schema, in order. What is released is never changed, only followed by another one. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

  -- Dedupe marks: hashes of (provider, account, conversation, event key), until they expire.
  CREATE TABLE mark (key BLOB PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;

  -- Events that are not done. A done one is deleted: what stays of it is its mark.
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY, turn TEXT NOT NULL, lane TEXT NOT NULL, contact TEXT, accepted_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL, crashes INTEGER NOT NULL, history TEXT, event TEXT NOT NULL
  );

  -- Effects that are queued, that a turn which may run again has recorded, or whose key is remembered until it expires.
  CREATE TABLE effect (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, turn TEXT, lane TEXT NOT NULL, status TEXT NOT NULL, due INTEGER,
    attempts INTEGER NOT NULL, begun_at INTEGER, history TEXT, message_id TEXT, conversation_id TEXT, error TEXT,
    expires INTEGER, effect TEXT NOT NULL
  );
  CREATE INDEX effect_due ON effect (due) WHERE due IS NOT NULL;
  CREATE INDEX effect_expires ON effect (expires) WHERE expires IS NOT NULL;

  CREATE TABLE state (
    scope TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL, expires INTEGER, subject TEXT,
    PRIMARY KEY (scope, kind)
  ) WITHOUT ROWID;
  CREATE INDEX state_subject ON state (subject) WHERE subject IS NOT NULL;

  CREATE TABLE timer (
    scope TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (scope, name)
  ) WITHOUT ROWID;
  CREATE INDEX timer_at ON timer (at);

  -- 'records': the ids of the effects that the turn of a dead event has recorded.
  CREATE TABLE dead (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, seq INTEGER NOT NULL,
    lane TEXT NOT NULL, account TEXT NOT NULL, contact TEXT, accepted_at INTEGER NOT NULL, at INTEGER NOT NULL,
    attempts INTEGER NOT NULL, error TEXT NOT NULL, history TEXT NOT NULL, records TEXT NOT NULL, body TEXT NOT NULL
  );

  CREATE TABLE token (key TEXT PRIMARY KEY, pair TEXT NOT NULL) WITHOUT ROWID;
  `,
];
