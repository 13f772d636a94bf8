import type { Adapter, AdapterDefinition, MessagePort } from '@parley/core';
import { ACCOUNT_NAME, ParleyError } from '@parley/core';
import { type Environment, fillIn, isPlainObject } from './environment.js';
import type { Problems } from './problems.js';
import { factoryOf } from './used-package.js';

/** Accounts that can all send messages, so that a handler may call `turn.say` without asking first. */
export type TalkingAccounts = Record<string, AdapterDefinition<TalkingAdapter>>;

type TalkingAdapter = Adapter & { messages: MessagePort };

/** The adapters that a config file chose under `accounts`. */
export async function readAccounts(
  config: unknown,
  directory: string,
  env: Environment,
  problems: Problems,
): Promise<Record<string, AdapterDefinition>> {
  if (!isPlainObject(config) || Object.keys(config).length === 0) {
    problems.add('accounts', 'expected at least one account: { leads: { use: <package>, ... } }');
    return {};
  }
  const accounts: Record<string, AdapterDefinition> = {};
  for (const [name, account] of Object.entries(config)) {
    const place = `accounts.${name.slice(0, 80)}`;
    if (!ACCOUNT_NAME.test(name))
      problems.add(place, 'a name is a letter, then letters, digits, - or _, at most 63');
    const definition = await readAccount(account, place, { directory, env, problems });
    if (definition !== undefined) accounts[name] = definition;
  }
  return accounts;
}

interface Surroundings {
  directory: string;
  env: Environment;
  problems: Problems;
}

async function readAccount(
  account: unknown,
  place: string,
  { directory, env, problems }: Surroundings,
): Promise<AdapterDefinition | undefined> {
  if (isDefinition(account)) return account;
  if (!isPlainObject(account) || typeof account.use !== 'string' || account.use === '') {
    problems.add(place, 'expected { use: <package>, ... }, for example use: @parley/adapter-web1on1');
    return undefined;
  }
  const { use, ...rest } = account;
  const unset = problems.count();
  const options = fillIn(rest, place, env, problems);
  try {
    const make = await factoryOf('adapter', use, [directory]);
    // With a missing secret it would only complain about what it cannot know.
    return problems.count() === unset ? make(options as never) : undefined;
  } catch (error) {
    problems.addError(place, error);
    return undefined;
  }
}

function isDefinition(value: unknown): value is AdapterDefinition {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'open') === 'function';
}

export function allTalking(accounts: Readonly<Record<string, AdapterDefinition>>): TalkingAccounts {
  const talkers = Object.entries(accounts).map(([name, one]) => [name, talking(one, `accounts.${name}`)]);
  return Object.fromEntries(talkers) as TalkingAccounts;
}

/** What ports an adapter has is known once it is open: then the promise of the type is checked. */
function talking(definition: AdapterDefinition, place: string): AdapterDefinition<TalkingAdapter> {
  return {
    provider: definition.provider,
    open(account) {
      const adapter = definition.open(account);
      if (canTalk(adapter)) return adapter;
      throw new ParleyError(
        'ERR_CONFIG',
        `${place}: ${adapter.provider} cannot send messages: use loadConfig({ withoutMessages: true })`,
      );
    },
  };
}

function canTalk(adapter: Adapter): adapter is TalkingAdapter {
  return adapter.messages !== undefined;
}
