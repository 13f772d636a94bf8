import type { FastifyInstance } from 'fastify';
import type { Chaos } from '../chaos.js';
import type { Fault } from '../faults.js';
import type { RateLimitSettings } from '../rate-limit.js';
import type { ConsumerOptions } from './consumers.js';
import { ApiError } from './records.js';
import type { SubscribeOptions, Web1on1Emulator } from './server.js';
import { setSwitch } from './switches.js';

interface ById {
  Params: { id: string };
}

/** `/_emulator/...`: the powers of the object, for tests in another process or language. */
export function addControlRoutes(app: FastifyInstance, emulator: Web1on1Emulator): void {
  app.register(
    async (control) => {
      // A mistake in a test's own call is a 400 with its reason, not a 500.
      control.addHook('preHandler', async (request) => {
        if (request.method !== 'GET' && request.method !== 'DELETE' && typeof request.body !== 'object') {
          throw new ApiError(400, 'a JSON object is required');
        }
      });
      control.setErrorHandler((error: Error & { status?: number; statusCode?: number }, _request, reply) => {
        const wrong = error instanceof TypeError || error instanceof RangeError;
        const status = error.status ?? error.statusCode ?? (wrong ? 400 : 500);
        return reply.code(status).send({ error: { message: error.message } });
      });
      addPeople(control, emulator);
      addMachinery(control, emulator);
    },
    { prefix: '/_emulator' },
  );
}

function addPeople(control: FastifyInstance, emulator: Web1on1Emulator): void {
  const consumer = (id: string) => {
    const found = emulator.consumer(id);
    if (found === undefined) throw new ApiError(404, 'no contact has this id');
    return found;
  };
  control.post<{ Body: ConsumerOptions }>('/contacts', async ({ body }, reply) => {
    const { contactId, conversationId } = await emulator.contact({
      ...body,
      channel: body.channel ?? 'whatsapp',
    });
    return reply.code(201).send({ contactId, conversationId });
  });
  control.post<ById & { Body: { text: string } }>('/contacts/:id/say', ({ params, body }) =>
    consumer(params.id).say(body.text),
  );
  control.post<ById & { Body: { payload: string } }>('/contacts/:id/press', ({ params, body }) =>
    consumer(params.id).press(body.payload),
  );
  control.post<ById & { Body: { url: string; mimeType: string } }>(
    '/contacts/:id/media',
    ({ params, body }) => consumer(params.id).sendMedia(body.url, body.mimeType),
  );
  control.get<ById & { Querystring: { offset?: string } }>('/contacts/:id/received', ({ params, query }) =>
    consumer(params.id).received.slice(Number(query.offset ?? 0)),
  );
  control.get<ById & { Querystring: { timeoutMs?: string } }>('/contacts/:id/next', ({ params, query }) =>
    consumer(params.id).next(query.timeoutMs === undefined ? undefined : Number(query.timeoutMs)),
  );
  control.post<{ Body: { name: string; email?: string } }>('/agents', async ({ body }, reply) => {
    const { userId, token } = await emulator.agent(body);
    return reply.code(201).send({ userId, token });
  });
  control.post<{ Body: SubscribeOptions }>('/subscribe', async ({ body }, reply) =>
    reply.code(201).send(await emulator.subscribe(body)),
  );
}

function addMachinery(control: FastifyInstance, emulator: Web1on1Emulator): void {
  const { clock, faults, journal, switches, webhooks } = emulator;
  control.get('/', () => emulator.credentials);

  control.get('/faults', () => faults.pending);
  control.post<{ Body: Fault }>('/faults', ({ body }, reply) => {
    faults.next(body);
    return reply.code(201).send(faults.pending);
  });
  control.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  control.get<{ Querystring: { method?: string; path?: string } }>('/journal', ({ query }) =>
    journal.requests(query),
  );
  control.delete('/journal', (_request, reply) => {
    journal.clear();
    return reply.code(204).send();
  });

  const time = () => ({ now: clock.now(), iso: clock.iso() });
  control.get('/clock', time);
  control.post<{ Body: { advanceMs?: number; set?: number | string } }>('/clock', ({ body }) => {
    if (body.set !== undefined) clock.set(body.set);
    if (body.advanceMs !== undefined) clock.advance(body.advanceMs);
    return time();
  });

  control.get('/switches', () => switches);
  control.patch<{ Body: Record<string, unknown> }>('/switches', ({ body }) => {
    for (const [name, value] of Object.entries(body)) setSwitch(switches, name, value);
    return switches;
  });
  control.put<{ Body: Partial<RateLimitSettings> }>('/rate-limit', ({ body }) => {
    emulator.rateLimit = body;
    const { enabled, perSecond, retryAfter } = emulator.rateLimit;
    return { enabled, perSecond, retryAfter };
  });
  control.put<{ Body: Chaos }>('/chaos', ({ body }) => {
    webhooks.chaos = body;
    return webhooks.chaos;
  });

  control.get('/deliveries', () => webhooks.deliveries);
  control.get('/deliveries/settled', async () => {
    await webhooks.settled();
    return webhooks.deliveries;
  });
}
