import { isRecord, type ListForm } from './unwrap.js';

export const CAMPAIGNS: ListForm = {
  keys: ['campaigns', 'campaign', 'data'],
  isItem: (value) => typeof value.campaignId === 'string',
  // The two ids are equal in the one sample that is documented.
  normalize: (value) =>
    isRecord(value) && typeof value.campaignId !== 'string' && typeof value.templateId === 'string'
      ? { ...value, campaignId: value.templateId }
      : value,
};

export const AUDIENCES: ListForm = {
  keys: ['audiences', 'audience', 'data'],
  isItem: (value) => typeof value.id === 'string',
};

export const CONTACTS: ListForm = {
  keys: ['contacts', 'audience', 'audiences', 'data'],
  isItem: (value) => typeof value.number === 'string',
  normalize: (value) => {
    const isBare = typeof value === 'number' || (typeof value === 'string' && /^\+?\d+$/.test(value));
    if (isBare) return { number: String(value) };
    return isRecord(value) && typeof value.number === 'number'
      ? { ...value, number: String(value.number) }
      : value;
  },
};

export const VARIABLE_GROUPS: ListForm = {
  keys: ['groups', 'variableGroups', 'data'],
  isItem: (value) => typeof value.name === 'string',
  normalize: (value) =>
    isRecord(value) && typeof value.name === 'string' ? { ...value, fields: value.fields ?? [] } : value,
};

export const JOURNEYS: ListForm = {
  keys: ['journeys', 'flows', 'data'],
  isItem: (value) => typeof value.journeyId === 'string' || typeof value.flowId === 'string',
  // Earlier they were called flows.
  normalize: (value) =>
    isRecord(value) && typeof value.flowId === 'string'
      ? { ...value, journeyId: value.journeyId ?? value.flowId }
      : value,
};

export const INPUTS: ListForm = { ...CONTACTS, keys: ['inputs', 'input', 'group', 'data'] };

/** Whatever it is: its form is not documented. */
export function recordsUnder(...keys: string[]): ListForm {
  return { keys, isItem: (value) => !keys.some((key) => Array.isArray(value[key])) };
}
