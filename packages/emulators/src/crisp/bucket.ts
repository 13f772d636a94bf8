import type { FastifyInstance } from 'fastify';
import { CrispError } from './errors.js';

interface AtPath {
  Params: { '*': string };
}

/** Most bytes of one upload; the event that names the address says so. */
export const UPLOAD_LIMIT_BYTES = 10_000_000;

/**
 * Where uploads go: `PUT` to the signed address, `GET` from the other. The real one is a bucket of somebody else, so it
 * is not part of the API: neither journalled nor limited.
 */
export function addBucketRoutes(app: FastifyInstance): void {
  const files = new Map<string, { type: string; bytes: Buffer }>();
  app.register(
    async (bucket) => {
      bucket.removeAllContentTypeParsers();
      bucket.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: UPLOAD_LIMIT_BYTES },
        (_request, body, done) => done(null, body),
      );
      bucket.put<AtPath & { Querystring: { signature?: string } }>('/*', (request, reply) => {
        if (request.query.signature === undefined) throw new CrispError(403, 'not_signed');
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const type = request.headers['content-type'] ?? 'application/octet-stream';
        files.set(request.params['*'], { type, bytes });
        return reply.code(200).send();
      });
      bucket.get<AtPath>('/*', (request, reply) => {
        const file = files.get(request.params['*']);
        if (file === undefined)
          throw new CrispError(404, 'not_found', { message: 'Nothing was uploaded here' });
        return reply.header('content-type', file.type).send(file.bytes);
      });
    },
    { prefix: '/_emulator/bucket' },
  );
}
