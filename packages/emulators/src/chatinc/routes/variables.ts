import { isObject, type Json, type JsonObject } from '../../json.js';
import { optionalText, optionalTexts, text } from '../body.js';
import { ChatIncError, invalid } from '../errors.js';
import { readNumber } from '../numbers.js';
import { INPUT_FIELD } from '../placeholders.js';
import type { Platform } from '../platform.js';
import type { Account, VariableGroup } from '../records.js';
import { type Answer, type Call, listed, type Route, wrote } from '../route.js';
import type { ChatIncSwitches } from '../switches.js';
import { readUpload, rowsInto } from '../upload.js';
import { putAudience } from './audiences.js';

export const VARIABLE_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/create/variable/group', handle: create },
  { method: 'POST', path: '/create/variable/group/from/file', handle: createFromFile },
  { method: 'variableGroupsMethod', path: '/retrieve/variable/groups', handle: list },
];

type Rows = Map<string, Record<string, string>>;

function create({ platform, account, params }: Call): Answer {
  const values = params.values ?? [];
  if (!Array.isArray(values)) throw invalid('values must be an array');
  const fields = optionalTexts(params, 'fields') ?? fieldsIn(values);
  const rows = readRows(platform.switches, values, fields);
  return written(platform, putGroup(platform, account, params, fields, rows));
}

async function createFromFile({ platform, account, request }: Call): Promise<Answer> {
  const { switches } = platform;
  const fields: string[] = [];
  const rows: Rows = new Map();
  const parts = await readUpload(request, switches, rowsInto(switches, fields, rows));
  text(parts, 'id');
  text(parts, 'name');
  const audienceId = switches.requireAudienceId
    ? text(parts, 'audienceId')
    : optionalText(parts, 'audienceId');
  const group = putGroup(platform, account, parts, fields, rows);
  if (audienceId !== undefined) putAudience(account, { id: audienceId }, new Set(rows.keys()), 'merge');
  return written(platform, group);
}

function written(platform: Platform, { id, name }: VariableGroup): Answer {
  return wrote(platform, { variableGroup: { id, name } });
}

function fieldsIn(values: readonly Json[]): string[] {
  const names = new Set(values.filter(isObject).flatMap((row) => Object.keys(row)));
  names.delete('number');
  return [...names];
}

function readRows(switches: ChatIncSwitches, values: readonly Json[], fields: readonly string[]): Rows {
  const rows: Rows = new Map();
  for (const [index, row] of values.entries()) {
    if (!isObject(row)) throw invalid(`values[${index}] must be an object`);
    const digits = readNumber(switches, row.number, `values[${index}].number`);
    if (digits === undefined) continue;
    const given = fields.filter((name) => row[name] !== undefined && row[name] !== null);
    rows.set(digits, Object.fromEntries(given.map((name) => [name, String(row[name])])));
  }
  return rows;
}

/** A group that is posted again is merged by number, unless a switch says otherwise. */
function putGroup(
  { switches }: Platform,
  account: Account,
  params: JsonObject,
  fields: string[],
  rows: Rows,
): VariableGroup {
  const [givenId, givenName] = [optionalText(params, 'id'), optionalText(params, 'name')];
  const id = givenId ?? givenName;
  if (id === undefined || id.trim() === '') throw invalid('id is required');
  const known = account.variableGroups.get(id);
  if (known !== undefined && switches.variableGroupRepost === 'error')
    throw new ChatIncError(409, `the variable group "${id}" exists`);
  const description = optionalText(params, 'description') ?? known?.description;
  const group: VariableGroup = {
    id,
    name: givenName ?? known?.name ?? id,
    ...(description !== undefined && { description }),
    fields,
    rows,
  };
  if (known !== undefined && switches.variableGroupRepost === 'merge') {
    for (const [number, row] of rows) known.rows.set(number, row);
    group.rows = known.rows;
  }
  account.variableGroups.set(id, group);
  return group;
}

/** Groups that arose from campaigns are among them; values are never told. */
function list({ platform, account }: Call): Answer {
  const own = [...account.variableGroups.values()].map(({ name, fields }) => ({ name, fields: [...fields] }));
  const arisen = [...account.inputGroups.values()].map(({ name }) => ({ name, fields: [INPUT_FIELD] }));
  return listed(platform, 'variableGroups', [...own, ...arisen]);
}
