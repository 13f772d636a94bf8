import type { Fields, Flat } from './grammar.js';

/**
 * Every event of Crisp's realtime API and web hooks, one line each: what is subscribed to, the types of the payloads and the page
 * docs/providers/crisp.md are made of.
 *
 *     tier scope {fields} -> our event
 *
 * - tier: who may subscribe: `A` everybody, `U` operators, `P` plugins
 * - scope: `session` payloads name website, session and inbox, `website` payloads the website, `-` neither
 * - our event: the neutral words it may become; `provider` is `provider.event`
 *
 * Sources: docs.crisp.chat/references/rtm-api/v1 and crisp-api 11.3.0 (lib/events/Events.ts).
 */
export const EVENTS = {
  'session:update_availability': 'A session {availability:=online|offline} -> provider',
  'session:update_verify':
    'A session {is_verified:boolean,verifications?:object[],routing_ids?:string[],error?:string} -> conversation.updated',
  'session:request:initiated': 'A session {} -> conversation.created',
  'session:set_email': 'A session {email:string} -> conversation.updated',
  'session:set_phone': 'A session {phone:string} -> conversation.updated',
  'session:set_address': 'A session {address:string} -> conversation.updated',
  'session:set_subject': 'A session {subject:string} -> conversation.updated',
  'session:set_avatar': 'A session {avatar:string} -> conversation.updated',
  'session:set_nickname': 'A session {nickname:string} -> conversation.updated',
  'session:set_origin': 'A session {origin:string} -> conversation.updated',
  'session:set_data': 'A session {data:object} -> conversation.updated',
  'session:sync:pages': 'A session {pages:Page[]} -> provider',
  'session:sync:events': 'A session {events:CustomEvent[]} -> provider',
  'session:sync:capabilities': 'A session {capabilities:unknown} -> provider',
  'session:sync:geolocation': 'A session {geolocation:object} -> provider',
  'session:sync:system': 'A session {system:object} -> provider',
  'session:sync:network': 'A session {network:object} -> provider',
  'session:sync:timezone': 'A session {timezone:object} -> provider',
  'session:sync:locales': 'A session {locales:object} -> provider',
  'session:sync:rating': 'A session {rating:Rating} -> provider',
  'session:sync:topic': 'A session {topic:string} -> conversation.updated',
  'session:set_state': 'A session {state:State} -> conversation.updated',
  'session:set_block': 'A session {is_blocked:boolean} -> conversation.updated',
  'session:set_segments': 'A session {segments:string[]} -> conversation.updated',
  'session:set_opened': 'A session {operator:Author} -> provider',
  'session:set_closed': 'A session {operator:Author} -> provider',
  'session:set_participants': 'A session {participants:Participant[]} -> conversation.updated',
  'session:set_mentions': 'A session {mentions:string[]} -> provider',
  'session:set_routing':
    'A session {routing_id:string|null,previous_routing_id?:string|null} -> conversation.assigned',
  'session:set_inbox': 'A session {previous_inbox_id?:string|null} -> conversation.updated',
  'session:removed': 'A session {} -> conversation.deleted',
  'session:error': 'A session {type:string,value:string,previous_value?:string} -> provider',
  'message:updated': 'A session {fingerprint:number,content:Content} -> message.updated|message.received',
  'message:send': 'A session Message -> message.received',
  'message:received': 'A session Message -> message.sent|note.created|mention.received',
  'message:removed': 'A session {fingerprint:number} -> message.deleted',
  'message:compose:send': 'A session Compose -> typing.started|typing.stopped',
  'message:compose:receive': 'A session Compose -> typing.started|typing.stopped',
  'message:acknowledge:read:send': 'A session {origin:string,fingerprints:number[]} -> provider',
  'message:acknowledge:read:received': 'A session {origin:string,fingerprints:number[]} -> message.read',
  'message:acknowledge:unread:send': 'A session {origin?:string,fingerprints?:number[]} -> provider',
  'message:acknowledge:delivered': 'A session {origin:string,fingerprints:number[]} -> message.delivered',
  'message:acknowledge:ignored':
    'A session {origin:string,fingerprints:number[],details?:Details} -> message.failed',
  'message:notify:unread:send': 'A session {} -> provider',
  'message:notify:unread:received': 'A session {} -> provider',
  'spam:message': 'U website Spam -> provider',
  'spam:decision': 'U website {spam_id:string,action:string} -> provider',
  'people:profile:created': 'A website {people_id:string,email?:string} -> contact.created',
  'people:profile:updated': 'A website {people_id:string,email?:string,update?:object} -> contact.updated',
  'people:profile:removed': 'A website {people_id:string,email?:string} -> contact.deleted',
  'people:bind:session': 'A session {people_id:string} -> conversation.updated',
  'people:sync:profile': 'A session {people_id:string,identity:object} -> contact.updated',
  'people:import:progress':
    'U website {people_id?:string,import_id?:string,progress:number,count?:object,items?:unknown} -> provider',
  'people:import:done': 'U website {people_id?:string,import_id?:string,error:boolean} -> provider',
  'campaign:progress': 'U website {campaign_id:string,progress:number} -> campaign.progress',
  'campaign:dispatched': 'U website {campaign_id:string} -> campaign.completed',
  'campaign:running': 'U website {campaign_id:string,running:boolean} -> campaign.started|campaign.paused',
  'browsing:request:initiated': 'A session {browsing_id:string,browsing_token:string} -> provider',
  'browsing:request:rejected': 'A session {} -> provider',
  'call:request:initiated': 'A session {call_id:string} -> provider',
  'call:request:rejected': 'A session {call_id:string} -> provider',
  'identity:verify:request':
    'P website {plugin_id:string,session_id:string,target:string,code:string,confirm_url:string} -> provider',
  'widget:action:processed':
    'U session {plugin_id:string,correlation_id:string,outcome:=success|failure,result?:object} -> provider',
  'status:health:changed': 'U website {health:=healthy|sick|dead,nodes:object[]} -> provider',
  'website:update_visitors_count': 'A website {visitors_count:number} -> provider',
  'website:update_operators_availability': 'A website {user_id:string,availability:object} -> provider',
  'website:users:available': 'A website {available:boolean} -> provider',
  'bucket:url:upload:generated': 'A - BucketUrl -> provider',
  'bucket:url:avatar:generated': 'A - BucketUrl -> provider',
  'bucket:url:website:generated': 'A - BucketUrl -> provider',
  'bucket:url:campaign:generated': 'A - BucketUrl -> provider',
  'bucket:url:helpdesk:generated': 'A - BucketUrl -> provider',
  'bucket:url:status:generated': 'A - BucketUrl -> provider',
  'bucket:url:processing:generated': 'A - BucketUrl -> provider',
  'media:animation:listed': 'U - {id:number,identifier:string,results:object[]} -> provider',
  'email:subscribe': 'A website {email:string,subscribed:boolean} -> provider',
  'email:track:view': 'A website {type:string,identifier:string,mode:string} -> provider',
  'plugin:channel':
    'A website {plugin_id:string,namespace:string,identifier?:string,payload:unknown,type?:string} -> provider',
  'plugin:event': 'A website {plugin_id:string,urn:string,name:string,data:object} -> provider',
  'plugin:subscription:updated': 'A website {plugin_id:string,bound:boolean,target:string} -> provider',
  'plugin:settings:saved': 'A website {plugin_id:string,settings:object} -> provider',
  'plan:subscription:updated': 'A website {plan:object} -> provider',
} as const;

export type CrispEventName = keyof typeof EVENTS;

type Scope<Line> = Line extends `${string} session ${string}`
  ? { website_id: string; session_id: string; inbox_id?: string | null }
  : Line extends `${string} website ${string}`
    ? { website_id: string }
    : unknown;

type Said<Line> = Line extends `${string} ${string} {${infer Inner}} -> ${string}`
  ? Inner extends ''
    ? unknown
    : Fields<Inner>
  : Line extends `${string} ${string} ${infer Name} -> ${string}`
    ? Fields<`value:${Name}`> extends { value: infer Value }
      ? Value
      : never
    : never;

/** The payload of an event. */
export type CrispEventPayload<Name extends CrispEventName> = Flat<
  Scope<(typeof EVENTS)[Name]> & Said<(typeof EVENTS)[Name]>
>;

/** The events that a tier may subscribe to. Those of another one would be ignored by the server, as far as is known. */
export function eventsOfTier(tier: 'user' | 'website' | 'plugin'): CrispEventName[] {
  const allowed = { user: 'AU', website: 'A', plugin: 'AP' }[tier];
  return Object.entries(EVENTS).flatMap(([name, line]) =>
    allowed.includes(line.slice(0, 1)) ? [name as CrispEventName] : [],
  );
}
