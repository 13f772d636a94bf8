import type { FastifyInstance } from 'fastify';
import type { Chaos } from '../chaos.js';
import { addMachinery, openControl } from '../control-machinery.js';
import type { ConsumerOptions } from './consumers.js';
import { ApiError } from './records.js';
import type { SubscribeOptions, Web1on1Emulator } from './server.js';
import { setSwitch } from './switches.js';

interface ById {
  Params: { id: string };
}

export function addControlRoutes(app: FastifyInstance, emulator: Web1on1Emulator): void {
  openControl(app, (control) => {
    addMachinery(control, emulator, (name, value) => setSwitch(emulator.switches, name, value));
    addPeople(control, emulator);
    addWebhooks(control, emulator);
  });
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

function addWebhooks(control: FastifyInstance, { webhooks }: Web1on1Emulator): void {
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
