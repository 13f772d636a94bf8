import type { JsonObject } from '../../json.js';
import { notFound } from '../errors.js';
import { document, type Platform, tellWebsite, websitesOf } from '../platform.js';
import type { User, Website } from '../records.js';
import { added, deleted, listed, type Route, resolved, updated } from '../route.js';
import { filled, object, oneOf } from '../schemas.js';

const ALL = '/plans/subscription';
const ONE = `${ALL}/:website`;
/** The only one there is. */
const COUPON = {
  code: 'EMULATED',
  policy: { rebate_percent: 10, trial_days: 0 },
  redeem_limit: 1,
  expire_at: '2099-01-01T00:00:00Z',
};

export const planRoutes: Route[] = [
  {
    method: 'GET',
    path: ALL,
    tiers: 'U',
    handle: ({ platform, caller }) =>
      listed(websitesOf(platform, caller).map((website) => shown(platform, website))),
  },
  {
    method: 'GET',
    path: ONE,
    tiers: 'UP',
    handle: ({ platform, website }) => resolved(shown(platform, website)),
  },
  {
    method: 'POST',
    path: ONE,
    tiers: 'U',
    body: object({ plan_id: filled }, 'plan_id'),
    handle({ platform, website, body }) {
      change(platform, website, { id: body.plan_id, name: body.plan_id });
      return added();
    },
  },
  {
    method: 'DELETE',
    path: ONE,
    tiers: 'U',
    handle({ platform, website }) {
      website.documents.delete('plan');
      change(platform, website, {});
      return deleted();
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/bill/period`,
    tiers: 'U',
    body: object({ period: oneOf('monthly', 'yearly') }, 'period'),
    handle({ website, body }) {
      planOf(website).bill_period = body.period;
      return updated();
    },
  },
  {
    method: 'GET',
    path: `${ONE}/coupon`,
    tiers: 'U',
    handle({ query }) {
      if (query.code !== COUPON.code) throw notFound('coupon');
      return resolved(COUPON);
    },
  },
  {
    method: 'PATCH',
    path: `${ONE}/coupon`,
    tiers: 'U',
    body: object({ code: filled }, 'code'),
    handle({ website, body }) {
      if (body.code !== COUPON.code) throw notFound('coupon');
      planOf(website).coupon_redeemed = true;
      return updated();
    },
  },
];

export function planOf(website: Website): JsonObject {
  return document(website, 'plan', {
    id: 'free',
    name: 'Free',
    price: 0,
    trialing: false,
    bill_period: 'monthly',
    active: true,
    sandbox: false,
    coupon_redeemed: false,
  });
}

function change(platform: Platform, website: Website, fields: JsonObject): void {
  const plan = Object.assign(planOf(website), fields);
  const { id, name, price, trialing } = plan;
  tellWebsite(platform, website, 'plan:subscription:updated', { plan: { id, name, price, trialing } });
}

function shown(platform: Platform, website: Website): JsonObject {
  const { website_id, name, domain, logo } = website;
  const owner = [...website.members.values()].find(({ role }) => role === 'owner');
  const user = platform.users.get(owner?.user_id ?? '');
  return {
    ...planOf(website),
    since: new Date(0).toISOString(),
    website: { id: website_id, name, domain, logo },
    ...(user && { owner: ownerFields(user) }),
  };
}

function ownerFields({ user_id, email, first_name, last_name }: User): JsonObject {
  return { user_id, email, first_name, last_name };
}
