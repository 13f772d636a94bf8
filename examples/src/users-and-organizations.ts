import type { Web1on1Api, Web1on1Organization, Web1on1User } from '@parley/adapter-web1on1';

/**
 * What the ports do not say, the provider's own API says: `bot.accounts.<name>.api`, typed, by the provider's names, with
 * the account's token, renewal, limits and repeats.
 *
 * Creating, changing and deleting users and organizations needs the token of an administrator: with a bot's, each such
 * call is refused with `ERR_FORBIDDEN` before it is sent.
 */
export type Users = Pick<Web1on1Api, 'users' | 'organizations'>;

/** A shop as a new organization below its group, with its first agent. */
export async function openShop(
  api: Users,
  { group, shop, agent }: { group: string; shop: string; agent: { name: string; email: string } },
): Promise<{ organization: Web1on1Organization; user: Web1on1User }> {
  const organization = await api.organizations.create({ name: shop, parent: group });
  const user = await api.users.create({
    displayName: agent.name,
    email: agent.email,
    organizations: [{ organization: organization.id, selected: true, role: 'agent' }],
  });
  return { organization, user };
}

/** Users whose address is at this mail domain, by name, however many pages they fill. */
export async function usersAt(api: Users, domain: string): Promise<Web1on1User[]> {
  const query = { where: { email: { contains: `@${domain}` } }, sort: ['displayName'] };
  const found: Web1on1User[] = [];
  for await (const user of api.users.iterate(query)) found.push(user);
  return found;
}

/** Renames a shop, keeping everything else. */
export function renameShop(api: Users, id: string, name: string): Promise<Web1on1Organization> {
  return api.organizations.update(id, { name });
}

/** Deletes a shop after its users. */
export async function closeShop(api: Users, id: string): Promise<void> {
  for await (const user of api.users.iterate({ where: { 'organizations.organization': id } })) {
    await api.users.delete(user.id);
  }
  await api.organizations.delete(id);
}
