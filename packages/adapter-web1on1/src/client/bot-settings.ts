import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Web1on1Bot, Web1on1BotInstance } from '../wire/tenancy.js';
import type { Resource } from './resource.js';

/** What holds for a bot in one organization, all levels taken together. */
export interface Web1on1BotSettings {
  enabled: boolean;
  /** The bot's own values, overlaid by those of each level that has it enabled, root first. */
  meta: Record<string, unknown>;
}

export interface Web1on1BotSettingsOptions extends CallOptions {
  /** True: an organization of the third level that has not enabled the bot leaves the decision to its parent. */
  inherit?: boolean;
}

/**
 * Reads a bot's settings for an organization path (`root#group#shop`), as chipchat lib/helpers.js does. Two requests each
 * time: keep the answer as long as suits you, and drop it on `botinstance.*` events.
 */
export async function readBotSettings(
  bots: Pick<Resource<Web1on1Bot>, 'get'>,
  instances: Pick<Resource<Web1on1BotInstance>, 'list'>,
  botId: string,
  orgPath: string,
  options: Web1on1BotSettingsOptions = {},
): Promise<Web1on1BotSettings> {
  const organizations = orgPath.split('#');
  if (organizations.includes('')) {
    throw new ParleyError('ERR_CONFIG', 'Web1on1: an organization path is ids joined with "#", root first');
  }
  const [bot, found] = await Promise.all([
    bots.get(botId, {}, options),
    instances.list(
      { where: { organization: { anyOf: organizations }, bot: botId }, sort: ['orgPath'] },
      options,
    ),
  ]);
  return combine(bot, found, organizations.length, options.inherit === true);
}

const THIRD_LEVEL = 3;

/** Pure part of `readBotSettings`. */
export function combine(
  bot: Web1on1Bot,
  instances: readonly Web1on1BotInstance[],
  depth: number,
  inherit: boolean,
): Web1on1BotSettings {
  const levels: (Web1on1BotInstance | undefined)[] = Array.from({ length: depth });
  for (const instance of instances) {
    const level = instance.orgPath?.split('#').length;
    if (level !== undefined && level <= depth) levels[level - 1] = instance;
  }
  const last = levels.at(-1);
  if (inherit && depth === THIRD_LEVEL && last?.enabled !== true) levels.pop();
  const meta = { ...cleaned(bot.meta ?? {}) };
  for (const level of levels) {
    if (level?.enabled !== true) continue;
    for (const [key, value] of Object.entries(cleaned(level.meta ?? {}))) if (value) meta[key] = value;
  }
  const enabled = bot.status === 'active' && bot.enabled === true && levels.at(-1)?.enabled === true;
  return { enabled, meta };
}

/** Texts trimmed, and without U+FFFC, which the console leaves in settings. */
function cleaned(meta: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meta).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replaceAll('\uFFFC', '').trim() : value,
    ]),
  );
}
