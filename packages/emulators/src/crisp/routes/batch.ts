import { isObject, type JsonObject } from '../../json.js';
import { removeConversation, setBlocked, setInbox, setRouting } from '../conversations.js';
import { acknowledge } from '../messages.js';
import { updateMeta } from '../meta.js';
import { findPerson, mergeCard, removePerson } from '../people.js';
import { tell } from '../platform.js';
import type { CrispConversation, CrispPerson } from '../records.js';
import { type Call, type Route, updated } from '../route.js';
import { filled, flag, object, scalars, text, textOrNull, texts } from '../schemas.js';
import { changeState } from '../state.js';
import { matches } from './people.js';
import { ASSIGNED } from './state.js';

const PEOPLE = object({ profiles: texts, search: text });
const WHICH = { inbox_id: textOrNull, sessions: texts };

export const batchRoutes: Route[] = [
  batch('resolve', object(WHICH), (call, conversation) =>
    changeState(call.platform, call.website, conversation, 'resolved', { keypair: call.caller }),
  ),
  batch('unresolve', object(WHICH), (call, conversation) =>
    changeState(call.platform, call.website, conversation, 'unresolved'),
  ),
  batch('read', object(WHICH), ({ platform }, conversation) =>
    acknowledge(platform, conversation, { mark: 'read', author: 'user', origin: 'chat' }),
  ),
  batch('unread', object(WHICH), ({ platform }, conversation) => {
    conversation.unread.operator = Math.max(1, conversation.unread.operator);
    tell(platform, conversation, 'message:acknowledge:unread:send', { origin: 'chat', fingerprints: [] });
  }),
  batch(
    'remove',
    object({ ...WHICH, people: PEOPLE }),
    ({ platform, website }, conversation) => removeConversation(platform, website, conversation),
    ({ platform, website }, person) => removePerson(platform, website, person),
  ),
  {
    ...batch('report', object({ sessions: texts, flag: filled }, 'sessions', 'flag'), (call, { reports }) => {
      reports.push({ flag: call.body.flag, timestamp: call.platform.clock.now() });
    }),
    method: 'POST',
  },
  batch('block', object({ sessions: texts, blocked: flag }, 'sessions', 'blocked'), (call, conversation) =>
    setBlocked(call.platform, conversation, call.body.blocked === true),
  ),
  batch(
    'routing',
    object({ sessions: texts, assigned: ASSIGNED }, 'sessions', 'assigned'),
    (call, conversation) =>
      setRouting(call.platform, conversation, call.body.assigned as { user_id: string } | null),
  ),
  batch(
    'inbox',
    object({ sessions: texts, inbox_id: textOrNull }, 'sessions', 'inbox_id'),
    (call, conversation) => setInbox(call.platform, conversation, call.body.inbox_id as string | null),
  ),
  batch(
    'data',
    object({ sessions: texts, people: PEOPLE, data: scalars }, 'data'),
    ({ platform, website, body }, conversation) =>
      updateMeta(platform, website, conversation, { data: body.data }),
    ({ body }, person) => void Object.assign(person.data, body.data),
  ),
  batch(
    'segments',
    object({ sessions: texts, people: PEOPLE, segments: texts }, 'segments'),
    ({ platform, website, body }, conversation) =>
      updateMeta(platform, website, conversation, { segments: body.segments }),
    ({ platform, website, body }, person) =>
      mergeCard(platform, website, person, { segments: body.segments }),
  ),
];

function batch(
  name: string,
  body: object,
  onConversation: (call: Call, conversation: CrispConversation) => void,
  onPerson?: (call: Call, person: CrispPerson) => void,
): Route {
  return {
    method: 'PATCH',
    path: `/website/:website/batch/${name}`,
    // The newer ones were never marked; all are of the dashboard.
    tiers: ['resolve', 'read', 'remove'].includes(name) ? 'U' : '?',
    body,
    handle(call) {
      if (isObject(call.body.people) && onPerson !== undefined)
        for (const person of chosenPeople(call, call.body.people)) onPerson(call, person);
      else for (const conversation of chosen(call)) onConversation(call, conversation);
      return updated();
    },
  };
}

/** Those that are named and exist; without names, those of the inbox; without an inbox, all. */
function chosen({ website, body }: Call): CrispConversation[] {
  const { sessions, inbox_id } = body;
  if (Array.isArray(sessions))
    return sessions.flatMap((session) => website.conversations.get(String(session)) ?? []);
  const all = [...website.conversations.values()];
  return inbox_id === undefined ? all : all.filter((conversation) => conversation.inbox_id === inbox_id);
}

function chosenPeople({ website }: Call, { profiles, search }: JsonObject): CrispPerson[] {
  if (Array.isArray(profiles)) return profiles.flatMap((id) => findPerson(website, String(id)) ?? []);
  return [...website.people.values()].filter((person) =>
    matches(person, { search_text: String(search ?? '') }),
  );
}
