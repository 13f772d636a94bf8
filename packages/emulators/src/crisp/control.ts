import type { FastifyInstance } from 'fastify';
import type { Chaos } from '../chaos.js';
import { addMachinery, openControl } from '../control-machinery.js';
import type { Json, JsonObject } from '../json.js';
import type { CrispEmulator } from './emulator.js';
import { CrispError } from './errors.js';
import type { SubscribeOptions } from './hook-subscription.js';
import type { Operator, OperatorOptions } from './operators.js';
import { setCrispSwitch } from './switches.js';
import type { VisitorOptions } from './visitors.js';

interface ById {
  Params: { id: string };
}

export function addControlRoutes(app: FastifyInstance, emulator: CrispEmulator): void {
  openControl(app, (control) => {
    addMachinery(control, emulator, (name, value) => setCrispSwitch(emulator.switches, name, value));
    addVisitors(control, emulator);
    addOperators(control, emulator);
    addSockets(control, emulator);
    addHooks(control, emulator);
  });
}

function addVisitors(control: FastifyInstance, emulator: CrispEmulator): void {
  const visitor = (id: string) => {
    const found = emulator.visitorOf(id);
    if (found === undefined) throw new CrispError(404, 'no visitor has this session id');
    return found;
  };
  control.post<{ Body: VisitorOptions }>('/visitors', ({ body }, reply) => {
    const { sessionId, websiteId } = emulator.visitor(body);
    return reply.code(201).send({ sessionId, websiteId });
  });
  control.post<ById & { Body: { text: string } }>('/visitors/:id/say', ({ params, body }) => ({
    fingerprint: visitor(params.id).say(body.text),
  }));
  control.post<ById & { Body: { type: string; content: Json } }>(
    '/visitors/:id/send',
    ({ params, body }) => ({
      fingerprint: visitor(params.id).send(body),
    }),
  );
  control.post<ById & { Body: { value: string; fingerprint?: number } }>(
    '/visitors/:id/choose',
    ({ params, body }) => {
      visitor(params.id).choose(body.value, body.fingerprint);
      return {};
    },
  );
  control.post<ById & { Body: { value: string; fingerprint?: number } }>(
    '/visitors/:id/answer',
    ({ params, body }) => {
      visitor(params.id).answer(body.value, body.fingerprint);
      return {};
    },
  );
  control.post<ById & { Body: JsonObject }>('/visitors/:id/tell', ({ params, body }) => {
    visitor(params.id).tell(body);
    return {};
  });
  control.post<ById & { Body: object }>('/visitors/:id/read', ({ params }) => {
    visitor(params.id).read();
    return {};
  });
  control.get<ById & { Querystring: { offset?: string } }>('/visitors/:id/received', ({ params, query }) =>
    visitor(params.id).received.slice(Number(query.offset ?? 0)),
  );
  control.get<ById & { Querystring: { timeoutMs?: string } }>('/visitors/:id/next', ({ params, query }) =>
    visitor(params.id).next(query.timeoutMs === undefined ? undefined : Number(query.timeoutMs)),
  );
}

/** What operators do in a conversation, by the last segment of the path. */
const DEEDS: Record<string, (operator: Operator, session: string, body: JsonObject) => unknown> = {
  say: (operator, session, { text }) => ({ fingerprint: operator.say(session, String(text)) }),
  note: (operator, session, { text }) => ({ fingerprint: operator.note(session, String(text)) }),
  take: (operator, session) => operator.take(session),
  release: (operator, session) => operator.assign(session, null),
  resolve: (operator, session) => operator.setState(session, 'resolved'),
  unresolve: (operator, session) => operator.setState(session, 'unresolved'),
  block: (operator, session, { blocked }) => operator.block(session, blocked !== false),
  read: (operator, session) => operator.read(session),
};

function addOperators(control: FastifyInstance, emulator: CrispEmulator): void {
  const played = new Map<string, Operator>();
  control.post<{ Body: OperatorOptions }>('/operators', ({ body }, reply) => {
    const operator = emulator.operator(body);
    played.set(operator.userId, operator);
    const { userId, email, password, identifier, key } = operator;
    return reply.code(201).send({ userId, email, password, identifier, key });
  });
  control.post<{ Params: { id: string; session: string; deed: string }; Body: JsonObject }>(
    '/operators/:id/:session/:deed',
    ({ params, body }) => {
      const operator = played.get(params.id);
      const deed = DEEDS[params.deed];
      if (operator === undefined || deed === undefined)
        throw new CrispError(404, operator ? 'operators do no such thing' : 'no operator has this id');
      return deed(operator, params.session, body) ?? {};
    },
  );
}

function addSockets(control: FastifyInstance, emulator: CrispEmulator): void {
  const { rtm } = emulator;
  control.post<{ Body: { event: string; data?: JsonObject } }>('/emit', ({ body }, reply) => {
    emulator.emit(body.event, body.data);
    return reply.code(202).send({});
  });
  control.get('/rtm', () => rtm.connections);
  control.post<{ Body: { identifier?: string } }>('/rtm/drop', ({ body }) => {
    rtm.drop(body.identifier);
    return {};
  });
  control.post<{ Body: { identifier?: string } }>('/rtm/disconnect-namespace', ({ body }) => {
    rtm.disconnectNamespace(body.identifier);
    return {};
  });
  control.post<{ Body: { text: string } }>('/rtm/packet', ({ body }) => {
    rtm.packet(body.text);
    return {};
  });
  control.post<{ Body: { identifier?: string } }>('/rtm/silence', ({ body }) => {
    rtm.silence(body.identifier);
    return {};
  });
  control.post<{ Body: { times?: number } }>('/rtm/refuse-authentication', ({ body }) => {
    rtm.refuseAuthentication(body.times);
    return {};
  });
  control.post<{ Body: { times?: number } }>('/rtm/ignore-authentication', ({ body }) => {
    rtm.ignoreAuthentication(body.times);
    return {};
  });
  control.post<{ Body: { times?: number } }>('/rtm/refuse-connections', ({ body }) => {
    rtm.refuseConnections(body.times);
    return {};
  });
  control.post<{ Body: object }>('/rtm/move-endpoint', () => {
    rtm.moveEndpoint();
    return {};
  });
  control.put<{ Body: Chaos }>('/rtm/chaos', ({ body }) => {
    rtm.chaos = body;
    return rtm.chaos;
  });
}

function addHooks(control: FastifyInstance, emulator: CrispEmulator): void {
  const { hooks, quota } = emulator;
  control.post<{ Body: SubscribeOptions }>('/subscribe', ({ body }, reply) =>
    reply.code(201).send(emulator.subscribe(body)),
  );

  control.get('/hooks', () => hooks.subscriptions.map(({ secret: _secret, ...shown }) => shown));
  control.post<{ Body: { id: string; url: string } }>('/hooks/move', ({ body }) => {
    const { secret: _secret, ...shown } = emulator.moveHook(body.id, body.url);
    return shown;
  });

  control.put<{ Body: { limit: boolean | number } }>('/quota', ({ body }) => {
    quota.limit = body.limit;
    return { limit: quota.limit };
  });
  control.put<{ Body: Chaos }>('/chaos', ({ body }) => {
    hooks.chaos = body;
    return hooks.chaos;
  });

  control.get('/deliveries', () => hooks.deliveries);
  control.get('/deliveries/settled', async () => {
    await hooks.settled();
    return hooks.deliveries;
  });
}
