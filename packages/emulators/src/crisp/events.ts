/** Which tiers may subscribe to an event (docs.crisp.chat, references/rtm-api/v1). */
export type EventReach = 'all' | 'user' | 'plugin';

const FOR_ALL = [
  'session:update_availability session:update_verify session:request:initiated session:set_email session:set_phone',
  'session:set_address session:set_subject session:set_avatar session:set_nickname session:set_origin session:set_data',
  'session:sync:pages session:sync:events session:sync:capabilities session:sync:geolocation session:sync:system',
  'session:sync:network session:sync:timezone session:sync:locales session:sync:rating session:sync:topic',
  'session:set_state session:set_block session:set_segments session:set_opened session:set_closed',
  'session:set_participants session:set_mentions session:set_routing session:set_inbox session:removed session:error',
  'message:updated message:send message:received message:removed message:compose:send message:compose:receive',
  'message:acknowledge:read:send message:acknowledge:read:received message:acknowledge:unread:send',
  'message:acknowledge:delivered message:acknowledge:ignored message:notify:unread:send message:notify:unread:received',
  'people:profile:created people:profile:updated people:profile:removed people:bind:session people:sync:profile',
  'browsing:request:initiated browsing:request:rejected call:request:initiated call:request:rejected',
  'website:update_visitors_count website:update_operators_availability website:users:available',
  'bucket:url:upload:generated bucket:url:avatar:generated bucket:url:website:generated bucket:url:campaign:generated',
  'bucket:url:helpdesk:generated bucket:url:status:generated bucket:url:processing:generated',
  'email:subscribe email:track:view plugin:channel plugin:event plugin:subscription:updated plugin:settings:saved',
  'plan:subscription:updated',
];
const FOR_USERS = [
  'spam:message spam:decision people:import:progress people:import:done campaign:progress campaign:dispatched',
  'campaign:running widget:action:processed status:health:changed media:animation:listed',
];
const FOR_PLUGINS = ['identity:verify:request'];

const names = (lines: readonly string[], reach: EventReach) =>
  lines.flatMap((line) => line.split(' ')).map((name): [string, EventReach] => [name, reach]);

/** The 82 events of the real-time API (npm crisp-api 11.3.0, lib/events/Events.ts). */
export const CRISP_EVENTS: ReadonlyMap<string, EventReach> = new Map([
  ...names(FOR_ALL, 'all'),
  ...names(FOR_USERS, 'user'),
  ...names(FOR_PLUGINS, 'plugin'),
]);

const SOCKET_ONLY: ReadonlySet<string> = new Set([
  'spam:message',
  'spam:decision',
  'people:import:progress',
  'people:import:done',
  'widget:action:processed',
  'media:animation:listed',
]);

/** Hooks carry most events. The documentation names one of those that website hooks lack. */
export function isHookEvent(kind: 'plugin' | 'website', event: string): boolean {
  if (!CRISP_EVENTS.has(event) || SOCKET_ONLY.has(event)) return false;
  return kind === 'plugin' || event !== 'session:set_routing';
}

export type Tier = 'user' | 'website' | 'plugin';

/** Whether a tier may subscribe to an event over a socket. */
export function mayHear(tier: Tier, event: string): boolean {
  const reach = CRISP_EVENTS.get(event);
  return reach === 'all' || (reach !== undefined && reach === tier);
}
