import { redact } from '@parley/adapter-kit';
import type { AccountContext } from '@parley/core';
import { ParleyError } from '@parley/core';
import { io, type Socket } from 'socket.io-client';
import type { CrispKeypair } from './wire/website.js';

/** An event as the socket brought it. */
export interface Brought {
  name: string;
  payload: unknown;
  /** Epoch milliseconds, by our clock: the platform tells no time. */
  at: number;
}

export interface RealtimeOptions {
  /** Scheme, host, and a path that is the socket's own. */
  url: string;
  keypair: CrispKeypair;
  tier: string;
  events: readonly string[];
  /** Restricts it to these websites; missing: all that the keypair may see. */
  rooms?: readonly string[];
  account: Pick<AccountContext, 'name' | 'clock'>;
}

/** An authenticated connection. */
export interface Realtime {
  /** What has come since; waits for the first. Once the connection is over and everything handed out, it throws why. */
  next(): Promise<readonly Brought[]>;
  /** Wakes whoever waits in `next`, with nothing. */
  wake(): void;
  /** Asks the server to look again at which websites there are. */
  rebind(): void;
  close(): void;
}

/** Connecting and authenticating, each. */
const PATIENCE_MS = 10_000;
/** What waits for a consumer that is slow; then it is better to begin anew and read the rest later. */
const MOST_WAITING = 10_000;

/**
 * Connects, authenticates and subscribes. Never reconnects by itself: whoever does has to catch up on what was missed.
 *
 * @throws ERR_AUTHENTICATION if the keypair is refused, ERR_UNAVAILABLE if there is no connection, or the platform does not want
 *   it for another reason
 * @see docs.crisp.chat/guides/rtm-api
 */
export async function openRealtime(options: RealtimeOptions, signal: AbortSignal): Promise<Realtime> {
  const { account, url } = options;
  const { origin, pathname: path } = new URL(url);
  const socket = io(originOf(url, origin), {
    path,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    timeout: PATIENCE_MS,
  });
  const queue = createQueue(account);
  const { keypair, tier, events, rooms } = options;
  // Before the answer to the authentication: the first events may be in the same breath.
  socket.onAny((name: unknown, payload: unknown) => {
    // A frame may hold anything.
    if (typeof name !== 'string') return;
    if (!queue.push({ name, payload, at: account.clock.now() })) {
      queue.fail(unavailable(account.name, 'more events came than were taken: begins anew'));
      socket.close();
    }
  });
  try {
    await established(socket, options, signal, () => {
      socket.emit('authentication', {
        username: keypair.identifier,
        password: keypair.key,
        tier,
        events,
        ...(rooms !== undefined && { rooms }),
      });
    });
  } catch (error) {
    socket.removeAllListeners();
    socket.offAny();
    socket.close();
    throw error;
  }
  const fail = (error: ParleyError): void => {
    queue.fail(error);
    socket.close();
  };
  const end = (reason: string): void => fail(unavailable(account.name, `the connection ended (${reason})`));
  socket.on('disconnect', end);
  // The namespace is taken away without a `disconnect`, and nothing more comes.
  socket.on('connect_error', (error: unknown) => end(reasonIn(error, keypair) ?? 'no reason given'));
  socket.on('unauthorized', (answer: unknown) => fail(refused(account.name, answer, keypair)));
  if (!socket.connected) end('it ended at once');
  return {
    next: queue.next,
    wake: queue.wake,
    rebind: () => socket.emit('socket:bind', {}),
    close: () => {
      socket.removeAllListeners();
      socket.offAny();
      socket.close();
      queue.fail(unavailable(account.name, 'the connection was given up'));
    },
  };
}

/** `URL.origin` is `null` for ws: and wss:. */
function originOf(url: string, origin: string): string {
  if (origin !== 'null') return origin;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function established(
  socket: Socket,
  { account: { name, clock }, keypair }: RealtimeOptions,
  signal: AbortSignal,
  authenticate: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      late.cancel();
      signal.removeEventListener('abort', onAbort);
      for (const event of ['connect', 'connect_error', 'authenticated', 'unauthorized', 'disconnect']) {
        socket.off(event);
      }
      act();
    };
    const fail = (error: ParleyError): void => settle(() => reject(error));
    const late = clock.schedule(2 * PATIENCE_MS, () =>
      fail(unavailable(name, 'no answer to the authentication')),
    );
    const onAbort = (): void =>
      fail(new ParleyError('ERR_ABORTED', 'Crisp realtime: cancelled', { account: name }));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    socket.on('connect', authenticate);
    socket.on('connect_error', (error: unknown) =>
      fail(unavailable(name, `cannot be reached (${reasonIn(error, keypair) ?? 'no reason given'})`)),
    );
    socket.on('disconnect', (reason: string) => fail(unavailable(name, `the connection ended (${reason})`)));
    const onRefused = (answer: unknown): void => fail(refused(name, answer, keypair));
    socket.on('unauthorized', onRefused);
    socket.on('authenticated', (yes: unknown) => (yes === false ? onRefused(undefined) : settle(resolve)));
  });
}

function unavailable(account: string, what: string): ParleyError {
  return new ParleyError('ERR_UNAVAILABLE', `Crisp realtime: ${what}`, { account });
}

/**
 * `unauthorized` comes with `{ message }`. Only `invalid_session`, or no word at all, speaks of the keypair; another one would not
 * help against the rest, for example too many connections.
 */
function refused(account: string, answer: unknown, keypair: CrispKeypair): ParleyError {
  const reason = reasonIn(answer, keypair);
  if (reason !== undefined && !/\binvalid_session\b/.test(reason)) {
    return unavailable(account, `not let in (${reason})`);
  }
  return new ParleyError(
    'ERR_AUTHENTICATION',
    `Crisp realtime: the keypair is refused (${reason ?? 'no reason given'}): compare the options tier, identifier and key`,
    { account },
  );
}

/** The platform's words, without what must not stand in a log. */
function reasonIn(given: unknown, { identifier, key }: CrispKeypair): string | undefined {
  const message: unknown =
    typeof given === 'object' && given !== null ? Reflect.get(given, 'message') : given;
  if (typeof message !== 'string') return undefined;
  return redact(message, [identifier, key]) || undefined;
}

function createQueue(account: RealtimeOptions['account']) {
  let waiting: Brought[] = [];
  let over: ParleyError | undefined;
  let woken = false;
  let wakeUp = (): void => {};
  return {
    /** False if there is no more room. */
    push: (item: Brought): boolean => {
      if (item.name === 'authenticated' || item.name === 'unauthorized') return true;
      if (waiting.length >= MOST_WAITING) return false;
      waiting.push(item);
      wakeUp();
      return true;
    },
    fail: (error: ParleyError): void => {
      over ??= error;
      wakeUp();
    },
    wake: (): void => {
      woken = true;
      wakeUp();
    },
    next: async (): Promise<readonly Brought[]> => {
      if (waiting.length === 0 && over === undefined && !woken) {
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      }
      woken = false;
      const taken = waiting;
      waiting = [];
      if (taken.length === 0 && over !== undefined) {
        throw new ParleyError(over.code, over.message, { account: account.name });
      }
      return taken;
    },
  };
}
