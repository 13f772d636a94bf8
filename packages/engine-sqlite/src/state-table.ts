import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock, StateEntry, StateWrite } from '@parley/core';

interface Row extends StateEntry {
  kind: string;
  expires: number | null;
}

/** State with compare-and-set and expiry. Read from the file: nothing of it is kept in memory. */
export class StateTable {
  readonly #clock: Clock;
  readonly #read: StatementSync;
  readonly #update: StatementSync;
  readonly #current: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  /** Grows over all scopes and restarts: a removed and re-created entry never gets an old version again. */
  #version: number;

  constructor(db: DatabaseSync, clock: Clock, opened: number) {
    this.#clock = clock;
    this.#version = opened * 2 ** 32;
    this.#read = db.prepare('SELECT kind, value, version, expires FROM state WHERE scope = ?');
    // The usual case in one statement, which leaves the index of subjects alone.
    this.#update = db.prepare(
      `UPDATE state SET value = ?, version = ?, expires = ?
       WHERE scope = ? AND kind = ? AND version = ? AND (expires IS NULL OR expires > ?) AND coalesce(?, subject) IS subject`,
    );
    this.#current = db.prepare('SELECT version, expires, subject FROM state WHERE scope = ? AND kind = ?');
    this.#put = db.prepare('INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM state WHERE scope = ? AND kind = ?');
  }

  read(scope: string, kinds: readonly string[]): (StateEntry | undefined)[] {
    const rows = this.#read.all(scope) as unknown as Row[];
    if (rows.length === 0) return kinds.map(() => undefined);
    const now = this.#clock.now();
    return kinds.map((kind) => {
      const row = rows.find((one) => one.kind === kind && (one.expires === null || one.expires > now));
      return row && { value: row.value, version: row.version };
    });
  }

  /** False, and nothing is changed, if the version is no longer the current one. */
  write({ scope, kind, value, version, expiresAt, subject }: StateWrite): boolean {
    const now = this.#clock.now();
    if (value !== undefined && version !== 0) {
      const updated = this.#update.run(
        value,
        this.#next(),
        expiresAt ?? null,
        scope,
        kind,
        version,
        now,
        subject ?? null,
      );
      if (updated.changes !== 0) return true;
    }
    const found = this.#current.get(scope, kind) as
      | { version: number; expires: number | null; subject: string | null }
      | undefined;
    const current =
      found !== undefined && (found.expires === null || found.expires > now) ? found : undefined;
    if ((current?.version ?? 0) !== version) return false;
    if (value === undefined) this.#delete.run(scope, kind);
    else {
      const about = subject ?? current?.subject ?? null;
      this.#put.run(scope, kind, value, this.#next(), expiresAt ?? null, about);
    }
    return true;
  }

  #next(): number {
    this.#version += 1;
    return this.#version;
  }
}
