import { decode } from '@parley/adapter-kit';
import type { CallOptions, OpenRequest, Recipient } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { toE164 } from './from-crisp.js';
import { toFingerprint } from './ids.js';
import { orNothing } from './look-up.js';
import { toCrispMessage } from './to-crisp.js';
import { ConversationCodec } from './wire/codecs.js';
import type { CrispConversation, CrispMetaInput } from './wire/conversation.js';
import type { CrispAuthor } from './wire/message.js';

/** Channels that reach a phone number. */
const BY_PHONE = ['whatsapp', 'sms', 'phone'];
/** Of one person: the last ones are looked at. */
const MOST_CONVERSATIONS = 20;

export interface Opening {
  api: CrispApi;
  website: string;
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
 */
export async function openConversation(
  opening: Opening,
  request: OpenRequest,
  options: CallOptions | undefined,
): Promise<Opened> {
  const { api, website } = opening;
  const meta = toMeta(request.to);
  const known = await findConversation(opening, meta, options);
  const session = known?.session_id ?? (await api.conversations.create({ website }, options)).session_id;
  if (known === undefined) await api.conversations.updateMeta({ website, session, body: meta }, options);
  let fingerprint: number | undefined;
  for (const [place, content] of request.contents.entries()) {
    fingerprint = toFingerprint(opening.owner, session, contentKey(request.key, place));
    // An attempt before may have sent the first ones only.
    if (known !== undefined && request.contents.length > 1) {
      const sent = await orNothing(api.messages.get({ website, session, fingerprint }, options));
      if (sent !== undefined) continue;
    }
    const body = toCrispMessage({ content, fingerprint, ...(opening.author && { author: opening.author }) });
    await api.messages.send({ website, session, body }, options);
  }
  if (request.release === true)
    await api.conversations.setRouting({ website, session, body: { assigned: null } }, options);
  const conversation = decode(
    ConversationCodec,
    await api.conversations.get({ website, session }, options),
    'Crisp conversation',
  );
  return opened(conversation, known === undefined, fingerprint);
}

/** Looks for an `open` whose answer never came: it is there once its last message is. */
export async function findOpened(
  opening: Opening,
  request: OpenRequest,
  since: string,
  options: CallOptions | undefined,
): Promise<Opened | undefined> {
  const { api, website, owner } = opening;
  const conversation = await findConversation(opening, toMeta(request.to), options);
  if (conversation === undefined) return undefined;
  const session = conversation.session_id;
  const last = request.contents.length - 1;
  let fingerprint: number | undefined;
  if (last >= 0) {
    fingerprint = toFingerprint(owner, session, contentKey(request.key, last));
    const sent = await orNothing(api.messages.get({ website, session, fingerprint }, options));
    if (sent === undefined) return undefined;
  }
  return opened(conversation, (conversation.created_at ?? 0) >= Date.parse(since), fingerprint);
}

function opened(conversation: CrispConversation, created: boolean, fingerprint: number | undefined): Opened {
  return { conversation, created, ...(fingerprint !== undefined && { fingerprint }) };
}

/** Each content has a fingerprint of its own. */
function contentKey(key: string, place: number): string {
  return `${key}#${place}`;
}

/** The newest conversation with exactly this e-mail address or, failing that, this phone number. */
async function findConversation(
  { api, website }: Opening,
  { email, phone }: CrispMetaInput,
  options: CallOptions | undefined,
): Promise<CrispConversation | undefined> {
  const found: CrispConversation[] = [];
  if (email !== undefined) {
    const sessions =
      (await orNothing(api.people.listConversations({ website, person: email }, options))) ?? [];
    for (const session of sessions.slice(0, MOST_CONVERSATIONS)) {
      const conversation = await orNothing(api.conversations.get({ website, session }, options));
      if (conversation !== undefined) found.push(conversation);
    }
  }
  const address = found.length === 0 ? (email ?? phone) : undefined;
  if (address !== undefined) {
    // No route looks for a phone number: a search, and then an exact look. The same where a person has no profile yet.
    const query = { search_type: 'text' as const, search_query: address, include_empty: true };
    for (const conversation of await api.conversations.list({ website, query }, options)) {
      const { meta } = conversation;
      const isTheirs =
        email !== undefined
          ? meta?.email?.toLowerCase() === email.toLowerCase()
          : toE164(meta?.phone) === phone;
      if (isTheirs) found.push(conversation);
    }
  }
  return found.sort((a, b) => (b.updated_at ?? 0) - (a.updated_at ?? 0))[0];
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
