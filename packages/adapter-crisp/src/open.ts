import { decode } from '@parley/adapter-kit';
import type { CallOptions, ErrorCode, OpenRequest, Recipient } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { conversationsOf, type Whereabouts } from './conversations-of.js';
import { toE164 } from './from-crisp.js';
import { toFingerprint } from './ids.js';
import { orNothing } from './look-up.js';
import { toCrispMessage } from './to-crisp.js';
import { ConversationCodec } from './wire/codecs.js';
import type { CrispConversation, CrispMetaInput } from './wire/conversation.js';
import type { CrispAuthor } from './wire/message.js';

/** Channels that reach a phone number. */
const BY_PHONE = ['whatsapp', 'sms', 'phone'];
/** The newest of a person: somebody may have written into another one since. */
const MOST_LOOKED_THROUGH = 3;

export interface Opening extends Whereabouts {
  owner: string;
  author?: CrispAuthor;
}

export interface Opened {
  conversation: CrispConversation;
  created: boolean;
  /** Of the last content. */
  fingerprint?: number;
}

/**
 * Finds the newest conversation with the person, or creates one: session, what is known of the person, messages. The
 * provider's own way (help.crisp.chat, how to create conversations externally with the REST API).
 *
 * @throws ERR_OUTCOME_UNKNOWN if something was said and the rest may be done later; then see `findOpened`
 */
export async function openConversation(
  opening: Opening,
  request: OpenRequest,
  options: CallOptions | undefined,
): Promise<Opened> {
  const { api, website } = opening;
  const meta = toMeta(request.to);
  const { value: known } = await conversationsOf(opening, meta, options).next();
  const session = known?.session_id ?? (await api.conversations.create({ website }, options)).session_id;
  if (known === undefined) await api.conversations.updateMeta({ website, session, body: meta }, options);
  let said = false;
  try {
    let fingerprint: number | undefined;
    for (const [place, content] of request.contents.entries()) {
      fingerprint = toFingerprint(opening.owner, session, contentKey(request.key, place));
      // An attempt before may have sent the first ones only.
      if (known !== undefined && request.contents.length > 1) {
        const sent = await orNothing(api.messages.get({ website, session, fingerprint }, options));
        if (sent !== undefined) continue;
      }
      const body = toCrispMessage({
        content,
        fingerprint,
        ...(opening.author && { author: opening.author }),
      });
      await api.messages.send({ website, session, body }, options);
      said = true;
    }
    if (request.release === true) await release(opening, session, options);
    const source = await api.conversations.get({ website, session }, options);
    const conversation = decode(ConversationCodec, source, 'Crisp conversation');
    return opened(conversation, known === undefined, fingerprint);
  } catch (error) {
    throw said ? halfDone(error) : error;
  }
}

/** An error that asks for another attempt, which would say again what was accepted before it and is not stored yet. */
function halfDone(error: unknown): unknown {
  if (!isParleyError(error) || !COMES_AGAIN.includes(error.code)) return error;
  const why = `Crisp: a conversation is opened in part: ${error.message}`;
  return new ParleyError('ERR_OUTCOME_UNKNOWN', why, {
    cause: error,
    ...(error.account !== undefined && { account: error.account }),
  });
}

const COMES_AGAIN: readonly ErrorCode[] = ['ERR_RATE_LIMITED', 'ERR_UNAVAILABLE', 'ERR_CONFLICT'];

/** Looks for an `open` whose answer never came: it is there once its last message is. */
export async function findOpened(
  opening: Opening,
  request: OpenRequest,
  since: string,
  options: CallOptions | undefined,
): Promise<Opened | undefined> {
  const { api, website, owner } = opening;
  const last = request.contents.length - 1;
  let looked = 0;
  for await (const conversation of conversationsOf(opening, toMeta(request.to), options)) {
    const { session_id: session, created_at: createdAt } = conversation;
    const created = (createdAt ?? 0) >= Date.parse(since);
    if (last < 0) return opened(conversation, created, undefined);
    const fingerprint = toFingerprint(owner, session, contentKey(request.key, last));
    if ((await orNothing(api.messages.get({ website, session, fingerprint }, options))) !== undefined) {
      if (request.release === true) await release(opening, session, options);
      return opened(conversation, created, fingerprint);
    }
    looked += 1;
    if (looked >= MOST_LOOKED_THROUGH) break;
  }
  return undefined;
}

async function release({ api, website }: Opening, session: string, options?: CallOptions): Promise<void> {
  await api.conversations.setRouting({ website, session, body: { assigned: null } }, options);
}

function opened(conversation: CrispConversation, created: boolean, fingerprint: number | undefined): Opened {
  return { conversation, created, ...(fingerprint !== undefined && { fingerprint }) };
}

/** Each content has a fingerprint of its own. */
function contentKey(key: string, place: number): string {
  return `${key}#${place}`;
}

/**
 * What is known of a person.
 *
 * @throws ERR_UNSUPPORTED for an address that is neither a phone number nor an e-mail address
 * @throws ERR_CONFIG for a phone number that is not E.164
 */
export function toMeta({ channel, value, name, email }: Recipient): CrispMetaInput {
  const nickname = name === undefined ? {} : { nickname: name };
  if (channel === 'email') return { ...nickname, email: value };
  if (!BY_PHONE.includes(channel)) {
    throw new ParleyError(
      'ERR_UNSUPPORTED',
      `Crisp knows people by e-mail address or phone number, not by channel "${channel}"`,
    );
  }
  if (toE164(value) !== value) {
    throw new ParleyError('ERR_CONFIG', 'A phone number is "+", the country code and digits only (E.164)');
  }
  return { ...nickname, phone: value, ...(email !== undefined && { email }) };
}
