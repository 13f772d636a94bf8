import type { HttpRequest } from '@parley/adapter-kit';
import { calling, decodeEach, pathSegment, readAnswer } from '@parley/adapter-kit';
import type { CallOptions, ListOptions } from '@parley/core';
import * as commands from '../commands.js';
import { ConversationCodec, MessageCodec } from '../wire/codecs.js';
import type {
  Web1on1Conversation,
  Web1on1ConversationChanges,
  Web1on1TeamConversationInput,
  Web1on1UpsertInput,
} from '../wire/conversation.js';
import type { Web1on1Message, Web1on1MessageInput } from '../wire/message.js';
import type { Filter, Query } from './query.js';
import { createResource, type Resource } from './resource.js';
import type { Transport } from './transport.js';

/** Conversations, the messages in them, and the commands that change them. */
export interface Web1on1Conversations
  extends Resource<Web1on1Conversation, Web1on1TeamConversationInput, Web1on1ConversationChanges> {
  /**
   * Finds the one conversation of the person at this address, or creates contact and conversation, and posts the messages
   * to it in order. The answer does not tell the messages' ids.
   */
  upsert(input: Web1on1UpsertInput, options?: CallOptions): Promise<Web1on1Upserted>;
  /** Posts one message. Role `bot`, the platform's default, does not reach the consumer: say `agent`. */
  post(id: string, message: Web1on1MessageInput, options?: CallOptions): Promise<Web1on1Message>;
  /** Posts several in one call, which keeps their order; separate calls may be stored in any. */
  postAll(
    id: string,
    messages: readonly Web1on1MessageInput[],
    options?: CallOptions,
  ): Promise<Web1on1Message[]>;
  /** The messages of a conversation, newest first unless sorted otherwise. */
  messages(id: string, query?: Query<Web1on1Message>, options?: ListOptions): AsyncIterable<Web1on1Message>;
  /** `/accept`: joins and takes responsibility; the conversation becomes `active`. */
  accept(id: string, options?: CallOptions): Promise<Web1on1Message>;
  /** `/join`: becomes a participant without taking over. */
  join(id: string, options?: CallOptions): Promise<Web1on1Message>;
  /** `/leave`: lets go; `closed` if nobody else has accepted it. */
  leave(id: string, options?: CallOptions): Promise<Web1on1Message>;
  /** `/assign`: into the inbox of these users. */
  assign(id: string, users: readonly string[], options?: CallOptions): Promise<Web1on1Message>;
  /** `/notify`: runs the routing rules, or calls for the named channels or organizations. */
  notify(id: string, targets?: commands.NotifyTargets, options?: CallOptions): Promise<Web1on1Message>;
  /** `/set`: writes `meta[key]`, or with `@name` a property. It is stored as a string; an empty one removes it. */
  set(
    id: string,
    key: string,
    value: string | number | boolean,
    options?: CallOptions,
  ): Promise<Web1on1Message>;
}

export interface Web1on1Upserted {
  conversation: Web1on1Conversation;
  /** False if the platform knew the person already. */
  created: boolean;
}

/** Messages of one call may share a millisecond; their ids count up. */
const NEWEST_FIRST = ['-createdAt', '-id'];

export function createConversations(
  transport: Transport,
  messages: Pick<Resource<Web1on1Message>, 'iterate'>,
): Web1on1Conversations {
  const toPost = (id: string, body: unknown, options: CallOptions | undefined): HttpRequest => {
    transport.permit('messages', 'create', options);
    const path = `/v2/conversations/${pathSegment(id)}/messages`;
    return { method: 'POST', path, body, route: 'unsent', ...calling(options) };
  };
  const post: Web1on1Conversations['post'] = async (id, message, options) =>
    transport.fetch(MessageCodec, toPost(id, message, options));

  return {
    ...createResource(transport, 'conversations', ConversationCodec),
    upsert: async (body, options) => {
      transport.permit('conversations', 'create', options);
      const path = '/v2/conversations';
      const request: HttpRequest = { method: 'POST', path, body, route: 'unsent', ...calling(options) };
      const answer = await transport.send(request);
      const conversation = readAnswer(ConversationCodec, answer.body, request);
      return { conversation, created: answer.status === 201 };
    },
    post,
    postAll: async (id, list, options) => {
      const { body } = await transport.send(toPost(id, list, options));
      return decodeEach(MessageCodec, Array.isArray(body) ? body : [body], 'POST messages').items;
    },
    messages: (id, query = {}, options) => {
      const where = { ...query.where, conversation: id } as Filter<Web1on1Message>;
      return messages.iterate({ sort: NEWEST_FIRST, ...query, where }, options);
    },
    accept: (id, options) => post(id, commands.accept(), options),
    join: (id, options) => post(id, commands.join(), options),
    leave: (id, options) => post(id, commands.leave(), options),
    assign: async (id, users, options) => post(id, commands.assign(users), options),
    notify: (id, targets, options) => post(id, commands.notify(targets), options),
    set: async (id, key, value, options) => post(id, commands.set(key, value), options),
  };
}
