import { ParleyError } from '@parley/core';
import { toChatIncNumber } from '../numbers.js';
import type { ChatIncVariableGroupInput, ChatIncVariableRow } from '../wire/audience.js';
import { VariableGroupCodec } from '../wire/codecs.js';
import { VARIABLE_GROUPS } from '../wire/lists.js';
import type { ChatIncApi } from './api.js';
import { retrieve } from './lists.js';
import type { Transport } from './transport.js';
import { fileOf, upload } from './upload.js';

type VariableGroups = Pick<
  ChatIncApi,
  'createVariableGroup' | 'createVariableGroupFromFile' | 'retrieveVariableGroups'
>;

export function createVariableGroups(transport: Transport): VariableGroups {
  const { config } = transport;

  const retrieveVariableGroups: VariableGroups['retrieveVariableGroups'] = (call) =>
    retrieve(
      transport,
      'retrieveVariableGroups',
      { params: {} },
      [VARIABLE_GROUPS, VariableGroupCodec],
      call,
    );

  /** Whether a second group of one id replaces the first one, nobody says. */
  const checkNew = async (
    name: string,
    call: Parameters<typeof retrieveVariableGroups>[0],
  ): Promise<void> => {
    if (config.variableGroupUpdate === 'repost') return;
    const groups = await retrieveVariableGroups(call);
    if (!groups.some((group) => group.name === name)) return;
    const text = `Chat Inc: the variable group ${name} exists; the option variableGroupUpdate forbids to send it again`;
    throw new ParleyError('ERR_UNSUPPORTED', text);
  };

  return {
    retrieveVariableGroups,
    createVariableGroup: async (group, call) => {
      checkName(group);
      const { name, description, fields } = group;
      const { values, warnings } = toValues(group, config);
      await checkNew(name, call);
      const params = {
        id: name,
        name,
        ...(description !== undefined && { description }),
        fields,
        values,
      };
      return { warnings, answer: await transport.send('createVariableGroup', { params }, call) };
    },
    createVariableGroupFromFile: async (given, call) => {
      checkName(given);
      const { name } = given;
      const audienceId = given.audienceId ?? (config.alwaysSendAudienceId ? name : undefined);
      const file = await fileOf(given, 'fields' in given ? given.fields : [], config);
      await checkNew(name, call);
      const fields = { name, id: name, ...(audienceId !== undefined && { audienceId }) };
      return upload(
        transport,
        'createVariableGroupFromFile',
        { fields, filename: `${name}.csv`, file },
        call,
      );
    },
  };
}

/** Placeholders go by the name, other calls by the id: with one for both, nothing can go wrong. */
function checkName({ name, id = name }: { name: string; id?: string }): void {
  if (/^[a-z0-9_]{1,40}$/.test(name) && id === name) return;
  const expected = 'expected 1 to 40 small letters, digits and "_", and an id, if any, that is the same';
  throw new ParleyError('ERR_CONFIG', `Chat Inc: name of the variable group: ${expected}`, {
    problems: [`name: ${expected}`],
  });
}

const FIELD = /^[A-Za-z0-9_-]+$/;

function toValues(
  { fields, values }: ChatIncVariableGroupInput,
  config: Transport['config'],
): { values: ChatIncVariableRow[]; warnings: string[] } {
  const bad = fields.findIndex((field) => !FIELD.test(field) || field === 'number');
  if (bad !== -1) throw wrong(`fields[${bad}]`, 'letters, digits, "_" and "-", and not "number"');
  const rows = new Map<string, ChatIncVariableRow>();
  values.forEach((row, index) => {
    const number = toChatIncNumber(row.number, config, `values[${index}].number`);
    const missing = fields.find((field) => row[field] === undefined);
    if (missing !== undefined) throw wrong(`values[${index}].${missing}`, 'a value');
    const unknown = Object.keys(row).find((name) => name !== 'number' && !fields.includes(name));
    if (unknown !== undefined) throw wrong(`values[${index}]`, 'no other names than number and the fields');
    const texts = fields.map((field) => [field, String(row[field])] as const);
    rows.set(number, { number, ...Object.fromEntries(texts) });
  });
  const repeated = values.length - rows.size;
  return { values: [...rows.values()], warnings: repeated === 0 ? [] : [`${repeated} rows repeat a number`] };
}

function wrong(place: string, expected: string): ParleyError {
  const problem = `${place}: expected ${expected}`;
  return new ParleyError('ERR_CONFIG', `Chat Inc: ${problem}`, { problems: [problem] });
}
