import type { JsonObject } from '../../json.js';
import { UPLOAD_LIMIT_BYTES } from '../bucket.js';
import type { Call, Route } from '../route.js';
import { dispatched } from '../route.js';
import { filled, object, oneOf } from '../schemas.js';

/** What is only accepted here: the result is told by an event to the keypair that asked. */
export const mediaRoutes: Route[] = [
  {
    method: 'POST',
    path: '/bucket/url/generate',
    tiers: 'UP',
    body: object(
      {
        namespace: oneOf('upload', 'avatar', 'website', 'campaign', 'helpdesk', 'status', 'processing'),
        id: filled,
        file: object({ name: filled, type: filled }, 'name', 'type'),
        resource: object({ type: filled, id: filled }),
      },
      'namespace',
      'id',
      'file',
    ),
    handle(call) {
      const { namespace, id, file, resource } = call.body;
      const { name, type } = file as { name: string; type: string };
      const path = `${call.platform.origin}/_emulator/bucket/${namespace}/${call.platform.newFingerprint()}/${encodeURIComponent(name)}`;
      tellCaller(call, `bucket:url:${namespace}:generated`, {
        from: call.caller.tier,
        id,
        identifier: call.caller.identifier,
        type,
        resource: resource ?? {},
        policy: { size_limit: UPLOAD_LIMIT_BYTES },
        url: { resource: path, signed: `${path}?signature=emulated` },
      });
      return dispatched();
    },
  },
  {
    method: 'GET',
    path: '/media/animation/list/:page',
    tiers: 'U',
    handle(call) {
      const { list_id: id = '0', search_query: query = '' } = call.query;
      const url = `${call.platform.origin}/_emulator/bucket/animation/${encodeURIComponent(query)}.gif`;
      tellCaller(call, 'media:animation:listed', {
        id: Number(id),
        identifier: call.caller.identifier,
        results: [{ type: 'image/gif', url }],
      });
      return dispatched();
    },
  },
];

function tellCaller({ platform, caller }: Call, event: string, data: JsonObject): void {
  platform.announce({ event, identifier: caller.identifier, data });
}
