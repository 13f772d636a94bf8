import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server as SocketServer } from 'socket.io';
import { type Chaos, createDice, type Dice } from '../chaos.js';
import type { ClockTimer } from '../clock.js';
import { isObject, snapshot } from '../json.js';
import { CRISP_EVENTS, type Tier } from './events.js';
import { type Announcement, type Platform, websitesOf } from './platform.js';
import { credentialsOf, hears, namesIn, type Session, setOf } from './rtm-session.js';

/** One connection to the real-time API, as it is now. */
export interface RtmConnection {
  id: string;
  /** Of the Engine.IO protocol: 4, or 3 of older clients. */
  protocol: number;
  /** Absent before it has authenticated. */
  identifier?: string;
  tier?: Tier;
  events: readonly string[];
  websites: readonly string[];
}

/** The sockets, and what can go wrong with them. */
export interface Rtm {
  readonly connections: readonly RtmConnection[];
  /** How many connections have been accepted since the start. */
  readonly accepted: number;
  /** How many authentications have been answered, well or badly. */
  readonly authentications: number;
  /** How many events there were to tell since the start, whether anybody listened or not. */
  readonly announced: number;
  /** Resolves once this many connections have authenticated and are open at the same time. */
  connected(count?: number): Promise<void>;
  /** Cuts connections: all, or those of one keypair. What was on its way is lost. */
  drop(identifier?: string): void;
  /** Ends the namespace of connections, after which clients of Socket.IO do not come back by themselves. */
  disconnectNamespace(identifier?: string): void;
  /** Sends all connections a Socket.IO packet as it is, for example `4{"message":"no"}` (CONNECT_ERROR), or none at all. */
  packet(text: string): void;
  /** Connections stay open and nothing more comes out of them, not even a ping: the other side is gone without a word. */
  silence(identifier?: string): void;
  /** The next authentications are answered `unauthorized`. */
  refuseAuthentication(times?: number): void;
  /** The next authentications get no answer and no events. */
  ignoreAuthentication(times?: number): void;
  /** The next connections are cut before they are one. */
  refuseConnections(times?: number): void;
  /** Discovery names another path from now on, and the old one is gone. */
  moveEndpoint(): void;
  /** `duplicate`, `reorder`, `drop` and `seed` hold for events; may be replaced at any time. */
  chaos: Chaos;
}

/** What outlives the connections. */
export interface RtmState {
  endpointNumber: number;
  chaos: Chaos;
  dice: number;
  order: number;
}

export interface RtmServer extends Rtm {
  state(): RtmState;
  restore(state: RtmState): void;
  announce(announcement: Announcement): void;
  /** The URL that discovery names for a tier. */
  endpoint(tier: Tier): string;
  attach(server: HttpServer): void;
  close(): void;
}

const REORDER_FLUSH_MS = 50;
const SOCKET_PATH = '/socket.io/';
const LETTERS: Record<Tier, string> = { user: 'u', website: 'w', plugin: 'p' };

/** `save` is called before an event leaves. */
export function createRtm(platform: Platform, save: () => void = () => undefined): RtmServer {
  const { clock, switches } = platform;
  const io = new SocketServer({
    path: SOCKET_PATH,
    transports: ['websocket'],
    allowEIO3: true,
    serveClient: false,
    perMessageDeflate: { threshold: 1024 },
  });
  const sessions = new Map<string, Session>();
  const watchers = new Set<() => void>();
  const left = { refuse: 0, ignore: 0, connections: 0 };
  let endpointNumber = 1;
  let accepted = 0;
  let authentications = 0;
  let announced = 0;
  let held: (() => void)[] = [];
  let flushing: ClockTimer | undefined;
  let chaos: Chaos = {};
  let dice: Dice = createDice(1);
  let order: Dice = createDice(1);

  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const chosen = (identifier?: string) =>
    [...sessions.values()].filter(
      ({ keypair }) => identifier === undefined || keypair?.identifier === identifier,
    );

  io.on('connection', (socket) => {
    accepted += 1;
    const deadline = clock.after(switches.rtmAuthenticationMs, () => socket.disconnect(true));
    const session: Session = { socket, events: new Set(), websites: new Set(), deadline };
    sessions.set(socket.id, session);
    socket.on('authentication', (given: unknown) => authenticate(session, given));
    socket.on('socket:bind', (given: unknown) => bind(session, given));
    socket.on('socket:bind:push', (given: unknown) => {
      for (const event of namesIn(given, 'events') ?? []) session.events.add(event);
    });
    socket.on('socket:bind:pop', (given: unknown) => {
      for (const event of namesIn(given, 'events') ?? []) session.events.delete(event);
    });
    socket.on('disconnect', () => {
      deadline.cancel();
      sessions.delete(socket.id);
      changed();
    });
  });

  // Idempotent: a client whose first connection failed authenticates twice on the same socket.
  const authenticate = (session: Session, given: unknown) => {
    const { socket } = session;
    if (left.ignore > 0) {
      left.ignore -= 1;
      return;
    }
    authentications += 1;
    const keypair = isObject(given) ? credentialsOf(platform, given) : undefined;
    const others = chosen(keypair?.identifier).filter((other) => other !== session).length;
    const full = switches.rtmConnections > 0 && others >= switches.rtmConnections;
    if (keypair === undefined || full || left.refuse > 0) {
      left.refuse = Math.max(0, left.refuse - 1);
      socket.emit('unauthorized', { message: full ? 'too_many_connections' : 'invalid_session' });
      socket.disconnect();
      return;
    }
    session.deadline.cancel();
    session.keypair = keypair;
    session.events = new Set(namesIn(given, 'events') ?? CRISP_EVENTS.keys());
    session.rooms = setOf(namesIn(given, 'rooms'));
    session.inboxes = setOf(namesIn(given, 'inboxes'));
    joinWebsites(session);
    socket.emit('authenticated', true);
    changed();
  };

  const bind = (session: Session, given: unknown) => {
    const events = namesIn(given, 'events');
    if (events !== undefined) session.events = new Set(events);
    else joinWebsites(session);
  };

  const joinWebsites = (session: Session) => {
    const { keypair, rooms } = session;
    if (keypair === undefined) return;
    const ids = websitesOf(platform, keypair).map(({ website_id }) => website_id);
    session.websites = new Set(ids.filter((id) => rooms === undefined || rooms.has(id)));
  };

  const send = (announcement: Announcement) => {
    if (sessions.size > 0) save();
    for (const session of sessions.values()) {
      if (hears(session, announcement)) session.socket.emit(announcement.event, announcement.data);
    }
  };

  const flush = () => {
    flushing?.cancel();
    flushing = undefined;
    const group = order.shuffle(held);
    held = [];
    for (const call of group) call();
  };

  const enqueue = (call: () => void) => {
    const window = chaos.reorder ?? 0;
    if (window < 2) return call();
    held.push(call);
    if (held.length >= window) return flush();
    flushing ??= clock.after(REORDER_FLUSH_MS, flush);
  };

  const isEndpoint = (path: string) =>
    path === '/' ||
    path === SOCKET_PATH ||
    Object.values(LETTERS).some((letter) => path === `/${letter}/${endpointNumber}/`);

  // One Socket.IO server stands behind every path.
  const route = (request: IncomingMessage) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const slashed = path.endsWith('/') ? path : `${path}/`;
    if (left.connections > 0 || !isEndpoint(slashed)) {
      left.connections = Math.max(0, left.connections - 1);
      request.socket.destroy();
    }
    request.url = `${SOCKET_PATH}?${query}`;
    // The handshake that follows tells them to the client.
    Object.assign(io.engine.opts, { pingInterval: switches.rtmPingMs, pingTimeout: switches.rtmPongMs });
  };

  return {
    get connections() {
      return [...sessions.values()].map(({ socket, keypair, events, websites }) => ({
        id: socket.id,
        protocol: socket.conn.protocol,
        ...(keypair !== undefined && { identifier: keypair.identifier, tier: keypair.tier }),
        events: [...events],
        websites: [...websites],
      }));
    },
    get accepted() {
      return accepted;
    },
    get authentications() {
      return authentications;
    },
    get announced() {
      return announced;
    },
    connected: (count = 1) =>
      new Promise((resolve) => {
        const check = () => {
          if (chosen().filter(({ keypair }) => keypair !== undefined).length < count) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
    drop(identifier) {
      for (const { socket } of chosen(identifier)) socket.request.socket.destroy();
    },
    disconnectNamespace(identifier) {
      for (const { socket } of chosen(identifier)) socket.disconnect();
    },
    packet(text) {
      for (const { socket } of sessions.values()) socket.conn.write(text);
    },
    silence(identifier) {
      for (const { socket } of chosen(identifier)) socket.conn.transport.send = () => undefined;
    },
    refuseAuthentication(times = 1) {
      left.refuse = times;
    },
    ignoreAuthentication(times = 1) {
      left.ignore = times;
    },
    refuseConnections(times = 1) {
      left.connections = times;
    },
    moveEndpoint() {
      endpointNumber += 1;
    },
    get chaos() {
      return chaos;
    },
    set chaos(next) {
      chaos = { ...next };
      dice = createDice(next.seed ?? 1);
      order = createDice(next.seed ?? 1);
    },
    announce(announcement) {
      announced += 1;
      const frozen = { ...announcement, data: snapshot(announcement.data) };
      const [lost, twice] = [dice.chance(chaos.drop), dice.chance(chaos.duplicate)];
      if (!lost) enqueue(() => send(frozen));
      if (twice) enqueue(() => send(frozen));
    },
    state: () => ({ endpointNumber, chaos, dice: dice.state, order: order.state }),
    restore(state) {
      ({ endpointNumber, chaos } = state);
      dice = createDice(state.dice);
      order = createDice(state.order);
    },
    endpoint: (tier) => `${platform.origin.replace(/^http/, 'ws')}/${LETTERS[tier]}/${endpointNumber}/`,
    attach(server) {
      io.attach(server);
      server.prependListener('upgrade', route);
    },
    close() {
      flushing?.cancel();
      for (const { deadline } of sessions.values()) deadline.cancel();
      // The HTTP server is not ours to close.
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}
