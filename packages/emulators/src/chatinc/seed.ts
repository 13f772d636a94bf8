import { randomBytes } from 'node:crypto';

export interface ChatIncCredentials {
  provider: 'chatinc';
  /** Scheme, host and port; the API begins at `/v1`. */
  origin: string;
  /** The whole `Authorization` header. */
  apiKey: string;
}

export const newApiKey = (): string => `ck_test_${randomBytes(16).toString('hex')}`;
