import { CrispError } from '../errors.js';
import type { Tier } from '../events.js';
import { type Call, type Route, resolved } from '../route.js';

/** Where the real-time API is (docs.crisp.chat, guides/rtm-api). */
export function connectRoutes(endpoint: (tier: Tier) => string): Route[] {
  const endpoints = (tier: Tier) => {
    const app = endpoint(tier);
    const stream = tier === 'website' && { stream: app };
    return resolved({ socket: { app, ...stream }, rescue: { socket: { app } } });
  };
  return [
    {
      method: 'GET',
      path: '/user/connect/endpoints',
      tiers: 'U',
      handle: () => endpoints('user'),
    },
    {
      method: 'GET',
      path: '/plugin/connect/endpoints',
      tiers: 'P',
      handle: () => endpoints('plugin'),
    },
    {
      method: 'GET',
      path: '/website/:website/connect/endpoints',
      tiers: '?',
      handle: () => endpoints('website'),
    },
    {
      method: 'GET',
      // What the Node SDK asks in the website tier; no documentation has it (npm crisp-api, lib/crisp.ts).
      path: '/website/connect/endpoints',
      tiers: '?',
      handle({ platform }: Call) {
        if (platform.switches.websiteDiscovery) return endpoints('website');
        throw new CrispError(404, 'not_found', { message: 'This route does not exist' });
      },
    },
  ];
}
