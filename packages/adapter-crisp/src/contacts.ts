import { decode } from '@parley/adapter-kit';
import type { CallOptions, Contact, ContactInput, ContactPort, Id } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { fromCrispProfile, toE164 } from './from-crisp.js';
import type { IdReader, Place, Viewpoint } from './ids.js';
import { orNothing } from './look-up.js';
import { toCrispProfile, toMetaData } from './to-crisp.js';
import { ProfileCodec } from './wire/codecs.js';

export interface ContactSetup {
  api: CrispApi;
  view: Viewpoint;
  ids: IdReader;
  /** The websites to look at: the account's own, or all that have the plugin. */
  websites(options: CallOptions | undefined): Promise<string[]>;
  /** The one to create in. */
  tenant(named: string | undefined): string;
  /** Undefined for an item of a list that cannot be read: it does not cost the others. */
  readOr<T>(read: () => T): T | undefined;
  /** @throws ERR_ABORTED before anything is made of an id */
  permit(what: string, options: CallOptions | undefined): void;
}

/** People: by id, or by e-mail address where the platform takes one. */
export function createContacts(setup: ContactSetup): Required<ContactPort> {
  const { api, view, ids } = setup;
  const where = (id: Id): { person: string; website?: string } => {
    const { id: person, ...rest } = ids.place(id);
    return { person, ...rest };
  };
  const get = async ({ person, website }: { person: string; website?: string }, options?: CallOptions) => {
    const profile = decode(ProfileCodec, await api.people.get({ person, website }, options), 'Crisp profile');
    const data = await orNothing(api.people.getData({ person: profile.people_id, website }, options));
    return fromCrispProfile(profile, view, website, data?.data);
  };
  const write = async (place: Place, input: ContactInput, options?: CallOptions): Promise<Contact> => {
    const at = { person: place.id, website: place.website };
    if (input.fields !== undefined) {
      const current = (await orNothing(api.people.getData(at, options)))?.data ?? {};
      await api.people.updateData({ ...at, body: { data: toMetaData(current, input.fields) } }, options);
    }
    return get(at, options);
  };

  const guarded = async <T>(options: CallOptions | undefined, run: () => Promise<T>): Promise<T> => {
    setup.permit('contacts', options);
    return run();
  };

  return {
    get: (id, options) => guarded(options, () => get(where(id), options)),
    find: (address, options) =>
      guarded(options, async () => {
        for (const website of await setup.websites(options)) {
          const found = await findPerson(setup, website, address, options);
          if (found !== undefined) return found;
        }
        return undefined;
      }),
    async *list(options) {
      setup.permit('contacts', options);
      let left = options?.limit ?? Number.POSITIVE_INFINITY;
      for (const website of await setup.websites(options)) {
        for await (const item of api.each('people.list', { website }, options)) {
          const profile = setup.readOr(() => decode(ProfileCodec, item, 'Crisp profile'));
          if (profile === undefined) continue;
          yield fromCrispProfile(profile, view, website);
          left -= 1;
          if (left <= 0) return;
        }
      }
    },
    create: (input, options) =>
      guarded(options, async () => {
        const website = setup.tenant(input.organization);
        const created = await api.people.create({ website, body: toCrispProfile(input) }, options);
        return write({ id: created.people_id, website }, input, options);
      }),
    update: (id, changes, options) =>
      guarded(options, async () => {
        const { person, website } = where(id);
        const body = toCrispProfile(changes);
        if (Object.keys(body).length > 0) await api.people.update({ person, website, body }, options);
        return write({ id: person, ...(website !== undefined && { website }) }, changes, options);
      }),
    delete: (id, options) =>
      guarded(options, async () => {
        await api.people.remove(where(id), options);
      }),
  };
}

/** Exactly this address: no route looks for a phone number, so it is a search and then an exact look. */
async function findPerson(
  { api, view, readOr }: ContactSetup,
  website: string,
  address: { phone: string } | { email: string },
  options: CallOptions | undefined,
): Promise<Contact | undefined> {
  if ('email' in address) {
    const found = await orNothing(api.people.get({ website, person: address.email }, options));
    return found && fromCrispProfile(decode(ProfileCodec, found, 'Crisp profile'), view, website);
  }
  const query = { search_text: address.phone };
  for (const item of await api.people.list({ website, query }, options)) {
    const profile = readOr(() => decode(ProfileCodec, item, 'Crisp profile'));
    if (profile !== undefined && toE164(profile.person?.phone) === address.phone) {
      return fromCrispProfile(profile, view, website);
    }
  }
  return undefined;
}
