/**
 * What goes wrong:
 * - `status`: answers with `status` (default 503), `headers` and `body`; nothing was done
 * - `status-after`: does the work, then answers so
 * - `slow`: waits `delayMs` (default 1000, on the emulator's clock), then serves normally
 * - `slow-after`: does the work, then waits before answering
 * - `drop-before`: closes the connection; nothing was done
 * - `drop-after`: does the work, then closes the connection without an answer
 * - `malformed`: does the work, then answers text that is not JSON, with the JSON content type
 * - `error-in-ok`: answers 200 with an `error` body; nothing was done
 * - `error-page`: answers `status` (default 502) with a page of HTML, as a gateway would; nothing was done
 */
export type FaultKind =
  | 'status'
  | 'status-after'
  | 'slow'
  | 'slow-after'
  | 'drop-before'
  | 'drop-after'
  | 'malformed'
  | 'error-in-ok'
  | 'error-page';

export const FAULT_KINDS: readonly FaultKind[] = [
  'status',
  'status-after',
  'slow',
  'slow-after',
  'drop-before',
  'drop-after',
  'malformed',
  'error-in-ok',
  'error-page',
];

export interface Fault {
  kind: FaultKind;
  /** `'POST /v2/conversations/:id/messages'`, `'GET /v2/*'` or `'*'`; without it any request matches. */
  route?: string;
  /** How many requests are hit. Default 1. */
  times?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  delayMs?: number;
}

/** Faults waiting for the requests they will hit, first in first out. */
export interface Faults {
  /** Injects a fault into the next request (or `times` requests) of a route. */
  next(fault: Fault): void;
  /** The fault for this request, used up by asking. */
  take(method: string, path: string): Fault | undefined;
  readonly pending: readonly Fault[];
  clear(): void;
}

export function createFaults(): Faults {
  let pending: { fault: Fault; left: number }[] = [];
  return {
    next(fault) {
      if (!FAULT_KINDS.includes(fault.kind)) {
        throw new TypeError(`fault.kind: expected one of ${FAULT_KINDS.join(', ')}`);
      }
      pending.push({ fault: { ...fault }, left: fault.times ?? 1 });
    },
    take(method, path) {
      const hit = pending.find(({ fault }) => routeMatches(fault.route, method, path));
      if (hit === undefined) return undefined;
      hit.left -= 1;
      pending = pending.filter(({ left }) => left > 0);
      return hit.fault;
    },
    get pending() {
      return pending.map(({ fault, left }) => ({ ...fault, times: left }));
    },
    clear() {
      pending = [];
    },
  };
}

/** `:name` stands for one path segment, a trailing `*` for the rest. */
export function routeMatches(route: string | undefined, method: string, path: string): boolean {
  if (route === undefined || route === '*') return true;
  const [wantedMethod, wantedPath] = route.includes(' ') ? route.split(' ', 2) : ['*', route];
  if (wantedMethod !== '*' && wantedMethod?.toUpperCase() !== method) return false;
  const wanted = (wantedPath ?? '').split('/');
  const actual = path.split('/');
  for (const [index, segment] of wanted.entries()) {
    if (segment === '*' && index === wanted.length - 1) return actual.length > index;
    if (actual[index] === undefined) return false;
    if (!segment.startsWith(':') && segment !== '*' && segment !== actual[index]) return false;
  }
  return actual.length === wanted.length;
}
