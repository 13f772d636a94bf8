import type { JsonObject } from '../json.js';

/** An answer other than 2xx: `{"error":true,"reason","data"}` (docs.crisp.chat, references/rest-api/v1). */
export class CrispError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly data: JsonObject;

  constructor(status: number, reason: string, data: JsonObject = {}) {
    super(typeof data.message === 'string' ? data.message : reason);
    this.status = status;
    this.reason = reason;
    this.data = data;
  }
}

export function notFound(noun: string): CrispError {
  return new CrispError(404, `${noun}_not_found`);
}

/** A body or a query that its schema refuses (issue crisp-im/node-crisp-api#50). */
export function invalidData(message: string): CrispError {
  return new CrispError(400, 'invalid_data', { namespace: 'data', message });
}
