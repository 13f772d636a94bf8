import { createHash } from 'node:crypto';

/**
 * 128 bits of SHA-256: what is told apart by it cannot be guessed back from it. In the form of a UUID, which PostgreSQL keeps in
 * 16 bytes.
 */
export function hashOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The same bits in 22 characters: the id of a turn. */
export function turnIdOf(key: string): string {
  return Buffer.from(key.replaceAll('-', ''), 'hex').toString('base64url');
}
