import { createHmac } from 'node:crypto';
import type { CrispSwitches } from './switches.js';

/** HMAC-SHA256 over `[<time stamp>;<body>]`, as lower-case hex (npm crisp-api, lib/crisp.ts). */
export function signHook(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`[${timestamp};${body}]`, 'utf8').digest('hex');
}

/** The bytes of a body, in the form that the switch asks for. */
export function hookBytes(body: unknown, form: CrispSwitches['hookBody']): string {
  if (form === 'pretty') return JSON.stringify(body, null, 2);
  const compact = JSON.stringify(body);
  if (form === 'compact') return compact;
  return compact
    .replaceAll('/', '\\/')
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
