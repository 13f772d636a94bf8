import type * as sqlite from 'node:sqlite';

type NodeSqlite = typeof sqlite;

let loaded: NodeSqlite | undefined;

/** `node:sqlite`, loaded at its first use. Node 22 warns when it is loaded; that one warning is kept off people's output. */
export function nodeSqlite(): NodeSqlite {
  if (loaded !== undefined) return loaded;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    loaded = process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
  return loaded;
}
