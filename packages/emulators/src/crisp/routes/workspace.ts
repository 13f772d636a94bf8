import { randomBytes } from 'node:crypto';
import { recordOf } from '../crud.js';
import { document, shelf, tellWebsite } from '../platform.js';
import type { Website } from '../records.js';
import { page, type Route, resolved, updated } from '../route.js';
import { filled, flag, object } from '../schemas.js';

const ONE = '/website/:website';
const verification = (website: Website) =>
  document(website, 'verify', { enabled: false, secret: randomBytes(32).toString('hex') });

/** Identity verification, spam and analytics. */
export const workspaceRoutes: Route[] = [
  {
    method: 'GET',
    path: `${ONE}/verify/settings`,
    tiers: 'UP',
    handle: ({ website }) => resolved({ enabled: verification(website).enabled }),
  },
  {
    method: 'PATCH',
    path: `${ONE}/verify/settings`,
    tiers: 'UP',
    body: object({ enabled: flag }, 'enabled'),
    handle({ website, body }) {
      verification(website).enabled = body.enabled;
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/verify/key`,
    tiers: 'UP',
    handle: ({ website }) => resolved({ secret: verification(website).secret }),
  },
  {
    method: 'POST',
    path: `${ONE}/verify/key`,
    tiers: 'UP',
    handle({ website }) {
      verification(website).secret = randomBytes(32).toString('hex');
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/conversations/spams/:page`,
    tiers: 'U',
    handle: (call) =>
      page(
        call,
        [...shelf(call.website, 'spam').values()].map(({ content: _content, ...excerpt }) => excerpt),
      ),
  },
  {
    method: 'GET',
    path: `${ONE}/conversations/spam/:spam/content`,
    tiers: 'U',
    handle: ({ website, params }) => resolved(recordOf(website, 'spam', params.spam ?? '')),
  },
  {
    method: 'POST',
    path: `${ONE}/conversations/spam/:spam/decision`,
    tiers: 'U',
    body: object({ action: filled }, 'action'),
    handle({ platform, website, params, body }) {
      const { spam_id } = recordOf(website, 'spam', params.spam ?? '');
      shelf(website, 'spam').delete(String(spam_id));
      tellWebsite(platform, website, 'spam:decision', { spam_id, action: body.action });
      return updated();
    },
  },
  // What an answer holds depends on the query, and neither is documented in full.
  {
    method: 'POST',
    path: `${ONE}/analytics/generate`,
    tiers: 'U',
    body: object(),
    handle: () => resolved({}),
  },
];
