import { calling, pathSegment } from '@parley/adapter-kit';
import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import {
  BotCodec,
  BotInstanceCodec,
  ContactCodec,
  MessageCodec,
  OrganizationCodec,
  RecordCodec,
  ServiceCodec,
  UserCodec,
} from '../wire/codecs.js';
import type { Web1on1Contact, Web1on1ContactInput } from '../wire/contact.js';
import type { Web1on1Message, Web1on1MessageInput } from '../wire/message.js';
import type {
  Web1on1Bot,
  Web1on1BotInstance,
  Web1on1EventType,
  Web1on1Organization,
  Web1on1Record,
  Web1on1Service,
  Web1on1User,
} from '../wire/tenancy.js';
import { readBotSettings, type Web1on1BotSettings, type Web1on1BotSettingsOptions } from './bot-settings.js';
import { createConversations, type Web1on1Conversations } from './conversations.js';
import { type Parameters, toQueryString } from './query.js';
import { createResource, type Resource } from './resource.js';
import type { Transport } from './transport.js';

/** A record whose fields are not documented well enough to type. */
export type Web1on1RecordInput = Record<string, unknown>;

/** Web1on1's whole API, by the platform's own names: what the ports do not say, say here. */
export interface Web1on1Api {
  readonly articles: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly botinstances: Resource<Web1on1BotInstance>;
  readonly bots: Web1on1Bots;
  /** Queues of agents; not messaging channels, which are called touchpoints. */
  readonly channels: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly contacts: Resource<Web1on1Contact, Web1on1ContactInput>;
  readonly conversations: Web1on1Conversations;
  readonly eventtypes: Web1on1EventTypes;
  /** Records only: no documentation shows an upload. Media is sent by URL. */
  readonly files: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly forms: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly kbases: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly kbitems: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly links: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly locations: Resource<Web1on1Record, Web1on1RecordInput>;
  /** Lists need a filter on id, organization, conversation, type, role or createdAt. To post: `conversations.post`. */
  readonly messages: Resource<
    Web1on1Message,
    Web1on1MessageInput & { conversation: string },
    Partial<Web1on1MessageInput>
  >;
  readonly metrics: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly organizations: Resource<Web1on1Organization>;
  readonly orggroups: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly partners: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly points: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly services: Resource<Web1on1Service>;
  readonly testresults: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly tests: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly users: Resource<Web1on1User>;
  readonly watemplates: Resource<Web1on1Record, Web1on1RecordInput>;
  readonly workflows: Resource<Web1on1Record, Web1on1RecordInput>;
  /**
   * Any other route of the same origin.
   *
   * @throws ERR_CONFIG for a path that does not begin with `/v2/`: the token goes nowhere else
   */
  request(request: Web1on1Request, options?: CallOptions): Promise<{ status: number; body: unknown }>;
}

export interface Web1on1Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/v2/`; percent-encoded, without a query. */
  path: string;
  query?: Parameters;
  body?: unknown;
}

export interface Web1on1Bots extends Resource<Web1on1Bot> {
  /** What holds for a bot in one organization, given by its path (`root#group#shop`). Default bot: this account's own. */
  settings(
    orgPath: string,
    options?: Web1on1BotSettingsOptions & { bot?: string },
  ): Promise<Web1on1BotSettings>;
}

/** Descriptions of events that come in from elsewhere. Only these two routes are documented. */
export interface Web1on1EventTypes {
  create(input: Web1on1EventType, options?: CallOptions): Promise<Web1on1Record>;
  /** Replaces the JSONata expression. */
  setJsonata(id: string, jsonata: string, options?: CallOptions): Promise<void>;
}

export function createApi(transport: Transport): Web1on1Api {
  const records = (name: string): Resource<Web1on1Record, Web1on1RecordInput> =>
    createResource(transport, name, RecordCodec);
  const messages: Web1on1Api['messages'] = createResource(transport, 'messages', MessageCodec);
  const bots: Resource<Web1on1Bot> = createResource(transport, 'bots', BotCodec);
  const botinstances: Resource<Web1on1BotInstance> = createResource(
    transport,
    'botinstances',
    BotInstanceCodec,
  );
  return {
    articles: records('articles'),
    botinstances,
    bots: {
      ...bots,
      settings: async (orgPath, options = {}) =>
        readBotSettings(bots, botinstances, options.bot ?? ownId(transport), orgPath, options),
    },
    channels: records('channels'),
    contacts: createResource(transport, 'contacts', ContactCodec),
    conversations: createConversations(transport, messages),
    eventtypes: createEventTypes(transport),
    files: records('files'),
    forms: records('forms'),
    kbases: records('kbases'),
    kbitems: records('kbitems'),
    links: records('links'),
    locations: records('locations'),
    messages,
    metrics: records('metrics'),
    organizations: createResource(transport, 'organizations', OrganizationCodec),
    orggroups: records('orggroups'),
    partners: records('partners'),
    points: records('points'),
    services: createResource(transport, 'services', ServiceCodec),
    testresults: records('testresults'),
    tests: records('tests'),
    users: createResource(transport, 'users', UserCodec),
    watemplates: records('watemplates'),
    workflows: records('workflows'),
    request: async ({ method, path, query = [], body }, options) => {
      if (!path.startsWith('/v2/'))
        throw new ParleyError('ERR_CONFIG', 'Web1on1: path: expected to begin with /v2/');
      const { status, body: answer } = await transport.send({
        method,
        path,
        query: toQueryString(query),
        ...(body !== undefined && { body }),
        route: method === 'GET' ? 'safe' : 'unsent',
        ...calling(options),
      });
      return { status, body: answer };
    },
  };
}

function createEventTypes(transport: Transport): Web1on1EventTypes {
  const path = '/v2/eventtypes';
  return {
    create: (body, options) =>
      transport.fetch(RecordCodec, { method: 'POST', path, body, route: 'unsent', ...calling(options) }),
    setJsonata: async (id, bytes, options) => {
      const raw = { contentType: 'text/plain', bytes };
      const target = `${path}/${pathSegment(id)}/jsonata`;
      await transport.send({ method: 'PUT', path: target, raw, route: 'safe', ...calling(options) });
    },
  };
}

function ownId(transport: Transport): string {
  const { selfId } = transport.auth.known();
  if (selfId !== undefined) return selfId;
  throw new ParleyError(
    'ERR_CONFIG',
    'Web1on1: no token or e-mail tells which bot this is: name it in options.bot',
    {
      account: transport.account.name,
    },
  );
}
