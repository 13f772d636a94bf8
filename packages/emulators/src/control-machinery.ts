import type { FastifyInstance } from 'fastify';
import type { Fault } from './faults.js';
import type { Machinery } from './machinery.js';
import type { RateLimitSettings } from './rate-limit.js';

/** The machinery of an emulator, and what each has of its own kind. */
interface Controlled extends Machinery {
  readonly credentials: object;
  readonly switches: object;
}

/** `/_emulator/...`: the powers of the object, for tests in another process or language. */
export function openControl(app: FastifyInstance, addRoutes: (control: FastifyInstance) => void): void {
  app.register(
    async (control) => {
      // A mistake in a test's own call is a 400 with its reason, not a 500.
      control.addHook('preHandler', async (request) => {
        if (request.method !== 'GET' && request.method !== 'DELETE' && typeof request.body !== 'object')
          throw new TypeError('a JSON object is required');
      });
      control.setErrorHandler((error: Error & { status?: number; statusCode?: number }, _request, reply) => {
        const wrong = error instanceof TypeError || error instanceof RangeError;
        const status = error.status ?? error.statusCode ?? (wrong ? 400 : 500);
        return reply.code(status).send({ error: { message: error.message } });
      });
      addRoutes(control);
    },
    { prefix: '/_emulator' },
  );
}

/** Credentials, faults, journal, clock, switches and rate limit. */
export function addMachinery(
  control: FastifyInstance,
  emulator: Controlled,
  setSwitch: (name: string, value: unknown) => void,
): void {
  const { clock, faults, journal, switches } = emulator;
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
    for (const [name, value] of Object.entries(body)) setSwitch(name, value);
    return switches;
  });
  control.put<{ Body: Partial<RateLimitSettings> }>('/rate-limit', ({ body }) => {
    emulator.rateLimit = body;
    const { enabled, perSecond, retryAfter } = emulator.rateLimit;
    return { enabled, perSecond, retryAfter };
  });
}
