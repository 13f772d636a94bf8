import { columnsFor, type Group, readGroup } from './groups.js';
import type { Placeholder } from './placeholders.js';
import type { BadRow } from './plan-report.js';
import type { Problems } from './problems.js';
import type { CampaignSpec } from './spec.js';
import { listed, openTable, type Table } from './table.js';

/** Where the values of placeholders come from, for the rows of one table of the audience. */
export type ValueReader = (
  cells: readonly string[],
  addresses: readonly string[],
) => { values: Record<string, string> } | { missing: readonly string[] };

/** The group that needs no join: the columns of the audience. */
const OWN_GROUP = 'contact';

/**
 * Finds the column of every placeholder, and reads the groups that are joined. Groups are read only if there is no problem yet.
 *
 * `onBadRow` hears of the rows of groups that cannot be used.
 */
export async function openValues(
  spec: CampaignSpec,
  placeholders: readonly Placeholder[],
  tables: readonly Table[],
  problems: Problems,
  onBadRow: (row: BadRow) => void,
): Promise<ReadonlyMap<Table, ValueReader>> {
  const own = placeholders.filter(({ group }) => group === OWN_GROUP);
  const columns = tables.map((table) => ({ table, at: columnsFor(table, own, problems) }));
  const joined = await joinGroups(spec, placeholders, problems, onBadRow);
  const keys = placeholders.map(({ key }) => key);
  const readers = columns.map(({ table, at = [] }): [Table, ValueReader] => [
    table,
    (cells, addresses) => {
      // Every key has a dot in it: none means something to an object.
      const values: Record<string, string> = {};
      for (let index = 0; index < own.length; index += 1)
        values[own[index]?.key ?? ''] = cells[at[index] ?? -1]?.trim() ?? '';
      for (const { group, needed } of joined) {
        const found = group.valuesOf(addresses) ?? [];
        for (const [index, { key }] of needed.entries()) values[key] = found[index] ?? '';
      }
      const missing = keys.filter((key) => values[key] === '');
      return missing.length > 0 ? { missing } : { values };
    },
  ]);
  return new Map(readers);
}

interface Joined {
  group: Group;
  needed: readonly Placeholder[];
}

async function joinGroups(
  spec: CampaignSpec,
  placeholders: readonly Placeholder[],
  problems: Problems,
  onBadRow: (row: BadRow) => void,
): Promise<Joined[]> {
  const { variables = {}, country } = spec;
  const names = new Set(placeholders.map(({ group }) => group).filter((group) => group !== OWN_GROUP));
  const opened: { table: Table; at: number[]; needed: readonly Placeholder[] }[] = [];
  for (const name of names) {
    const needed = placeholders.filter(({ group }) => group === name);
    const source = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (source === undefined) {
      const groups = listed([OWN_GROUP, ...Object.keys(variables)]);
      problems.add('template', `{${needed[0]?.key}} names no group: there are ${groups}`);
      continue;
    }
    const table = await openTable(source, `variables.${name}`, problems);
    const at = table && columnsFor(table, needed, problems);
    if (table !== undefined && table.columns.phone === undefined && table.columns.email === undefined)
      problems.add(
        table.source,
        'there is no column of phone numbers or e-mail addresses: it says whose the values are',
      );
    if (table !== undefined && at !== undefined) opened.push({ table, at, needed });
  }
  if (problems.found.length > 0) return [];
  const joined: Joined[] = [];
  for (const { table, at, needed } of opened)
    joined.push({ group: await readGroup(table, at, country, problems, onBadRow), needed });
  return joined;
}
