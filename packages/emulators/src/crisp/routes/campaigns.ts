import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.js';
import { crudRoutes, recordOf } from '../crud.js';
import { CrispError } from '../errors.js';
import { shelf, tellWebsite } from '../platform.js';
import type { CrispPerson } from '../records.js';
import { type Call, dispatched, listed, page, type Route, updated } from '../route.js';
import { filled, flag, object, text } from '../schemas.js';

const ONE = '/website/:website/campaign/:id';

const ITEM = object({
  name: filled,
  subject: text,
  tag: text,
  ready: flag,
  format: text,
  sender: object(),
  recipients: object(),
  flow: object(),
  message: text,
  options: object(),
});
const EXCERPT = [
  'campaign_id type format name subject tag ready dispatched running progress targets reached',
  'created_at updated_at dispatched_at',
].flatMap((line) => line.split(' '));
const TEMPLATE = { type: text, name: filled, format: text, content: text };

export const campaignRoutes: Route[] = [
  ...crudRoutes({
    noun: 'campaign',
    path: '/campaign',
    list: '/campaigns/list',
    read: 'U',
    write: 'U',
    body: object({ type: filled, name: filled }, 'type', 'name'),
    change: ITEM,
    patch: true,
    fields: newCampaign,
    excerpt: (campaign) => Object.fromEntries(EXCERPT.map((name) => [name, campaign[name]])),
  }),
  {
    method: 'GET',
    path: '/website/:website/campaigns/tags',
    tiers: 'U',
    handle: ({ website }) =>
      listed(
        [...new Set([...shelf(website, 'campaign').values()].map(({ tag }) => String(tag ?? '')))].filter(
          Boolean,
        ),
      ),
  },
  ...crudRoutes({
    noun: 'template',
    path: '/campaigns/template',
    list: '/campaigns/templates',
    read: 'UP',
    write: 'UP',
    body: object(TEMPLATE, 'name', 'format'),
    change: object(TEMPLATE),
    patch: true,
    fields: ({ type, name, format, content }) => ({
      type: type ?? 'custom',
      name,
      format,
      content: content ?? '',
    }),
    excerpt: ({ content: _content, ...excerpt }) => excerpt,
  }),
  action('dispatch', (call, campaign) => {
    if (campaign.dispatched === true) throw new CrispError(409, 'already_dispatched');
    const people = recipients(call);
    const reached = people.length;
    const dispatched_at = call.platform.clock.now();
    Object.assign(campaign, { ready: true, dispatched: true, dispatched_at, running: true });
    Object.assign(campaign, { progress: 100, targets: reached, reached });
    for (const { people_id, email } of people) {
      const mail = { mail_id: randomUUID(), ...idOf(campaign), people_id, email };
      const { subject, message } = campaign;
      shelf(call.website, 'mail').set(mail.mail_id, { ...mail, subject, message, opened: false });
    }
    run(call, campaign, true);
    tellWebsite(call.platform, call.website, 'campaign:progress', { ...idOf(campaign), progress: 100 });
    tellWebsite(call.platform, call.website, 'campaign:dispatched', idOf(campaign));
  }),
  action('resume', (call, campaign) => run(call, campaign, true)),
  action('pause', (call, campaign) => run(call, campaign, false)),
  action('test', () => undefined),
  {
    method: 'GET',
    path: `${ONE}/recipients/:page`,
    tiers: 'U',
    handle(call) {
      campaignOf(call);
      return page(call, recipients(call));
    },
  },
  {
    method: 'GET',
    path: `${ONE}/statistics/:action/:page`,
    tiers: 'U',
    handle(call) {
      const { campaign_id } = campaignOf(call);
      if (call.params.action !== 'opened') return listed([]);
      const opened = [...shelf(call.website, 'mail').values()].filter(
        (mail) => mail.campaign_id === campaign_id && mail.opened === true,
      );
      return page(
        call,
        opened.map(({ people_id, email }) => ({ type: 'opened', profile: { people_id, email }, data: {} })),
      );
    },
  },
];

const idOf = ({ campaign_id }: JsonObject): JsonObject => ({ campaign_id });
const campaignOf = ({ website, params }: Call) => recordOf(website, 'campaign', params.id ?? '');

/** A PUT keeps what a campaign became by being dispatched. */
function newCampaign(body: JsonObject, { website, params }: Call): JsonObject {
  const known = shelf(website, 'campaign').get(params.id ?? '') ?? {};
  return {
    type: body.type ?? known.type,
    name: body.name ?? known.name,
    format: body.format ?? 'markdown',
    subject: body.subject ?? '',
    tag: body.tag ?? '',
    ready: body.ready ?? false,
    dispatched: known.dispatched ?? false,
    running: known.running ?? false,
    progress: known.progress ?? 0,
    targets: known.targets ?? 0,
    reached: known.reached ?? 0,
    sender: body.sender ?? {},
    recipients: body.recipients ?? {},
    flow: body.flow ?? {},
    message: body.message ?? '',
    options: body.options ?? {},
    statistics: known.statistics ?? { opened: 0, clicked: 0, unsubscribed: 0 },
  };
}

function action(name: string, act: (call: Call, campaign: JsonObject) => void): Route {
  return {
    method: 'POST',
    path: `${ONE}/${name}`,
    tiers: 'U',
    handle(call) {
      act(call, campaignOf(call));
      return name === 'dispatch' || name === 'test' ? dispatched() : updated();
    },
  };
}

function run({ platform, website }: Call, campaign: JsonObject, running: boolean): void {
  campaign.running = running;
  tellWebsite(platform, website, 'campaign:running', { ...idOf(campaign), running });
}

/**
 * Everybody with an address who has not unsubscribed and is in one of the segments, or is one of the people, if any are named. A
 * guess: `type` and `filter` are not looked at.
 */
function recipients(call: Call): JsonObject[] {
  const { segments, people } = campaignOf(call).recipients as { segments?: unknown; people?: unknown };
  const named = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
  const [inSegments, byId] = [named(segments), named(people)];
  const isMeant = (person: CrispPerson): boolean =>
    (inSegments.length === 0 && byId.length === 0) ||
    byId.includes(person.people_id) ||
    person.segments.some((segment) => inSegments.includes(segment));
  return [...call.website.people.values()]
    .filter((person) => person.subscribed && person.email !== null && isMeant(person))
    .map(({ people_id, email, person, subscribed }) => {
      const { nickname, avatar } = person;
      return { people_id, email, person: { nickname, avatar }, subscribed };
    });
}
