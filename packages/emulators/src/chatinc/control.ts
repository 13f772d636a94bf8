import type { FastifyInstance } from 'fastify';
import { addMachinery, openControl } from '../control-machinery.js';
import type { ChatIncEmulator, OfAccount } from './emulator.js';
import { notFound } from './errors.js';
import type { PressOptions } from './phones.js';
import type { OffPlatformTemplate } from './records.js';
import { setChatIncSwitch } from './switches.js';

interface ById {
  Params: { id: string };
}
interface ByNumber {
  Params: { number: string };
  Querystring: OfAccount;
}

export function addControlRoutes(app: FastifyInstance, emulator: ChatIncEmulator): void {
  openControl(app, (control) => {
    addMachinery(control, emulator, (name, value) => setChatIncSwitch(emulator.switches, name, value));
    addMoney(control, emulator);
    addCampaigns(control, emulator);
    addPhones(control, emulator);
  });
}

function addMoney(control: FastifyInstance, emulator: ChatIncEmulator): void {
  control.post<{ Body: { apiKey?: string; balance?: number } }>('/accounts', ({ body }, reply) =>
    reply.code(201).send({ apiKey: emulator.addAccount(body) }),
  );
  control.get<{ Querystring: OfAccount }>('/balance', ({ query }) => ({
    balance: emulator.balance(query.apiKey),
  }));
  control.post<{ Body: OfAccount & { amount: number } }>('/balance', ({ body }) => {
    if (typeof body.amount !== 'number') throw new TypeError('amount must be a number');
    return { balance: emulator.topUp(body.amount, body.apiKey) };
  });
}

function addCampaigns(control: FastifyInstance, emulator: ChatIncEmulator): void {
  const campaign = (id: string) => {
    const found = emulator.campaign(id);
    if (found === undefined) throw notFound('campaign');
    return found;
  };
  control.get<{ Querystring: OfAccount }>('/campaigns', ({ query }) => emulator.campaigns(query));
  control.get<ById>('/campaigns/:id', ({ params }) => campaign(params.id));
  control.post<ById & { Body: { status: string } }>('/campaigns/:id/status', ({ params, body }) => {
    if (typeof body.status !== 'string') throw new TypeError('status must be a string');
    emulator.setTemplateStatus(params.id, body.status);
    return campaign(params.id);
  });
  control.get<ById & { Querystring: OfAccount }>('/audiences/:id', ({ params, query }) => {
    const numbers = emulator.audience(params.id, query);
    if (numbers === undefined) throw notFound('audience');
    return numbers;
  });
  control.get<ById & { Querystring: OfAccount }>('/variable-groups/:id', ({ params, query }) => {
    const rows = emulator.variableGroup(params.id, query);
    if (rows === undefined) throw notFound('variable group');
    return rows;
  });
  control.post<{ Body: OffPlatformTemplate & OfAccount }>('/off-platform-templates', ({ body }, reply) => {
    const { apiKey, ...template } = body;
    return reply.code(201).send({ templateId: emulator.addOffPlatformTemplate(template, { apiKey }) });
  });
}

function addPhones(control: FastifyInstance, emulator: ChatIncEmulator): void {
  control.get<ByNumber>('/phones/:number/received', ({ params, query }) =>
    emulator.received(params.number, query),
  );
  control.get<ByNumber>('/phones/:number/messages', ({ params, query }) =>
    emulator.messages(params.number, query),
  );
  control.post<ByNumber & { Body: PressOptions & OfAccount }>('/phones/:number/press', ({ params, body }) => {
    emulator.press(params.number, body);
    return {};
  });
  control.get('/not-on-whatsapp', () => emulator.notOnWhatsApp);
  control.put<{ Body: { numbers: string[] } }>('/not-on-whatsapp', ({ body }) => {
    if (!Array.isArray(body.numbers)) throw new TypeError('numbers must be an array');
    emulator.notOnWhatsApp = body.numbers;
    return emulator.notOnWhatsApp;
  });
}
