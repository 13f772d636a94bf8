import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { type Platform, shelf, tellWebsite } from './platform.js';
import type { Website } from './records.js';

export interface SpamOptions {
  /** For example `email`. */
  type?: string;
  reason?: string;
  metadata?: JsonObject;
  headers?: JsonObject;
  content?: JsonObject;
  /** Default: the website of the credentials. */
  websiteId?: string;
}

/** Something that the provider took for spam, waiting for a decision. Returns its id. */
export function addSpam(
  platform: Platform,
  website: Website,
  { type = 'email', reason = 'unknown', metadata = {}, headers = {}, content = {} }: SpamOptions,
): string {
  const spam_id = randomUUID();
  const excerpt = { spam_id, type, reason, metadata, headers, timestamp: platform.clock.now() };
  shelf(website, 'spam').set(spam_id, { ...excerpt, content });
  tellWebsite(platform, website, 'spam:message', excerpt);
  return spam_id;
}
