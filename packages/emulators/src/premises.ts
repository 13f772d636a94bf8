import type { FastifyInstance } from 'fastify';
import { answerInProcess } from './in-process.js';
import type { MachineryOptions } from './machinery.js';

/** Where an emulator is reached: at a port, and in process. */
export interface Premises {
  handle(request: Request): Promise<Response>;
  /** Its origin from now on. Nobody is answered before `open`: what an emulator goes on with may need its own address. */
  listen(at: MachineryOptions): Promise<string>;
  open(): void;
  close(): Promise<void>;
}

/** @param place where the origin is kept */
export function createPremises(app: FastifyInstance, place: { origin: string }): Premises {
  const opened = Promise.withResolvers<void>();
  const closing = new AbortController();
  app.addHook('onRequest', () => opened.promise);
  return {
    handle: answerInProcess(app, { origin: () => place.origin, closing: closing.signal }),
    listen: async ({ port = 0, host = '127.0.0.1' }) => {
      place.origin = await app.listen({ port, host });
      return place.origin;
    },
    open: () => opened.resolve(),
    close: async () => {
      closing.abort(new Error('the emulator is closed'));
      await app.close();
    },
  };
}

/** Clients say `application/json` on requests without a body, too. */
export function allowEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}
