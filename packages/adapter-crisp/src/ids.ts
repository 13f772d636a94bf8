import { hash } from 'node:crypto';
import { accountOf, externalIdOf, type Id, ParleyError, toId } from '@parley/core';

/** Whose eyes the mapping sees with. */
export interface Viewpoint {
  account: string;
  /** The website that the account is about; undefined for a plugin's account that is about all of its websites. */
  website: string | undefined;
  /** Our own id: an operator's, or `self` where we are none. */
  selfId: string;
  /** What our fingerprints are recognized by: see `toFingerprint`. */
  owner: string;
}

/** A record of the platform and the website that it belongs to; the account's own where it is missing. */
export interface Place {
  website?: string;
  id: string;
}

/**
 * The id of a session or a person. It names the website only where it is not the account's own: a plugin has many, and no route
 * finds a session without its website.
 */
export function toPlaceId({ account, website }: Viewpoint, place: Place): Id {
  const isOwn = place.website === undefined || place.website === website;
  return toId(account, isOwn ? place.id : `${place.website}/${place.id}`);
}

export function toMessageId(conversationId: Id, fingerprint: number | string): Id {
  return `${conversationId}/${fingerprint}`;
}

/** The id of the event that announces a message: the same from hook, socket and catching up. */
export function messageEventId(messageId: Id): Id {
  return toId(accountOf(messageId), `message:${externalIdOf(messageId)}`);
}

const WITH_WEBSITE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(.+)$/s;

export interface IdReader {
  /** Of a conversation, a person, an operator. */
  place(id: Id): Place;
  message(id: Id): Place & { fingerprint: number };
}

/** Reads the platform's own ids from ids of this account, and refuses those of another account. */
export function idsOf(account: string): IdReader {
  const place = (id: Id): Place => {
    const owner = accountOf(id);
    if (owner !== account) {
      throw new ParleyError('ERR_CONFIG', `An id of account "${owner}" was given to account "${account}"`, {
        account,
      });
    }
    const external = externalIdOf(id);
    const [, website, rest] = WITH_WEBSITE.exec(external) ?? [];
    return website === undefined || rest === undefined ? { id: external } : { website, id: rest };
  };
  return {
    place,
    message: (id) => {
      const { id: both, ...rest } = place(id);
      const [, session, fingerprint] = /^(.+)\/(\d{1,16})$/.exec(both) ?? [];
      if (session === undefined) {
        throw new ParleyError(
          'ERR_CONFIG',
          'This is not the id of a Crisp message: expected "account:session/fingerprint"',
          { account },
        );
      }
      return { ...rest, id: session, fingerprint: Number(fingerprint) };
    },
  };
}

// The fingerprint is the only handle that the platform lets a sender choose, and the only part of a message that comes back in
// every echo. So it carries what we have to know later: 34 bits of the effect's key, and 14 bits by which its sender knows it.
// 15 digits like the platform's own, which are the time in hundredths of milliseconds: these get there in the year 2148.

const FIRST = 2 ** 49;
const KEYS = 2 ** 34;
const MARKS = 2 ** 14;

/** The same for every attempt of the same effect. */
export function toFingerprint(owner: string, session: string, key: string): number {
  const number = bits(`${owner}\n${session}\n${key}`, KEYS);
  return FIRST + number * MARKS + markOf(owner, number);
}

/** True if this account, or another one with the same credentials, made it. Wrong once in 16,384 for others of the form. */
export function isOwnFingerprint(owner: string, fingerprint: number | string): boolean {
  const offset = Number(fingerprint) - FIRST;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset >= KEYS * MARKS) return false;
  return offset % MARKS === markOf(owner, Math.floor(offset / MARKS));
}

function markOf(owner: string, number: number): number {
  return bits(`${owner}\n${number}`, MARKS);
}

function bits(text: string, below: number): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6) % below;
}
