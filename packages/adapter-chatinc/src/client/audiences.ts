import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import { toChatIncNumber } from '../numbers.js';
import type { ChatIncContact } from '../wire/audience.js';
import { AudienceCodec, ContactCodec } from '../wire/codecs.js';
import { AUDIENCES, CONTACTS } from '../wire/lists.js';
import { readList } from '../wire/unwrap.js';
import type { ChatIncApi } from './api.js';
import { retrieve } from './lists.js';
import type { Transport } from './transport.js';
import { fileOf, upload } from './upload.js';

type Audiences = Pick<
  ChatIncApi,
  | 'createAudience'
  | 'addContactsToAudience'
  | 'createAudienceFromFile'
  | 'retrieveAudiences'
  | 'retrieveAudienceContacts'
  | 'retrieveAudienceCotacts'
>;

export function createAudiences(transport: Transport): Audiences {
  const { config } = transport;

  const readContacts = async (
    id: string,
    call: CallOptions | undefined,
  ): Promise<{ items: ChatIncContact[]; rejected: ParleyError[] }> => {
    const body = await transport.send('retrieveAudienceContacts', { params: { id } }, call);
    return readList(body, CONTACTS, ContactCodec, 'retrieveAudienceContacts');
  };

  const retrieveAudienceContacts: Audiences['retrieveAudienceContacts'] = async ({ id }, call) => {
    const { items, rejected } = await readContacts(id, call);
    transport.warnAll('retrieveAudienceContacts', rejected);
    return items;
  };

  const retrieveAudiences: Audiences['retrieveAudiences'] = (call) =>
    retrieve(transport, 'retrieveAudiences', {}, [AUDIENCES, AudienceCodec], call);

  /**
   * What has to be sent so that the audience is not smaller afterwards, should the provider replace it. A contact that cannot be read
   * would be lost, so then nothing is sent.
   */
  const present = async (id: string, call: CallOptions | undefined): Promise<Present> => {
    const { items, rejected } = await readContacts(id, call);
    const [unreadable] = rejected;
    if (unreadable !== undefined) throw unreadable;
    const audience = (await retrieveAudiences(call)).find((one) => one.id === id);
    return {
      contacts: items,
      ...(audience?.name && { name: audience.name }),
      ...(audience?.description && { description: audience.description }),
    };
  };

  return {
    retrieveAudiences,
    retrieveAudienceContacts,
    retrieveAudienceCotacts: retrieveAudienceContacts,
    createAudience: async ({ id, name, description, contacts }, call) => {
      checkId(id);
      const { numbers, warnings } = toNumbers(contacts, config, 'contacts');
      const params = {
        id,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        contacts: numbers,
      };
      return { warnings, answer: await transport.send('createAudience', { params }, call) };
    },
    addContactsToAudience: async ({ id, contacts }, call) => {
      checkId(id);
      const { warnings, numbers } = toNumbers(contacts, config, 'contacts');
      const { contacts: there, ...named } =
        config.addContactsMode === 'merge-first' ? await present(id, call) : { contacts: [] };
      const all = toNumbers([...there, ...numbers], config, 'contacts of the audience').numbers;
      const params = { id, ...named, contacts: all };
      return { warnings, answer: await transport.send('addContactsToAudience', { params }, call) };
    },
    createAudienceFromFile: async (given, call) => {
      const { id, name = id } = given;
      checkId(id);
      const file = await fileOf(given, [], config);
      const sending = { fields: { name, id }, filename: `${id}.csv`, file };
      return upload(transport, 'createAudienceFromFile', sending, call);
    },
  };
}

interface Present {
  contacts: ChatIncContact[];
  name?: string;
  description?: string;
}

/** `all` is every contact of the account, and nobody's to make. */
function checkId(id: string): void {
  if (id.trim() !== '' && id !== 'all') return;
  const expected = 'expected a text that is not empty, and not "all"';
  throw new ParleyError('ERR_CONFIG', `Chat Inc: id of the audience: ${expected}`, {
    problems: [`id: ${expected}`],
  });
}

function toNumbers(
  contacts: readonly { number: string }[],
  config: Transport['config'],
  place: string,
): { numbers: { number: string }[]; warnings: string[] } {
  const numbers = new Set(
    contacts.map(({ number }, index) => toChatIncNumber(number, config, `${place}[${index}].number`)),
  );
  const repeated = contacts.length - numbers.size;
  return {
    numbers: [...numbers].map((number) => ({ number })),
    warnings: repeated === 0 ? [] : [`${repeated} contacts repeat a number: left out`],
  };
}
