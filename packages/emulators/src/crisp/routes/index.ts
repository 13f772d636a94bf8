import type { Tier } from '../events.js';
import type { Route } from '../route.js';
import { connectRoutes } from './connect.js';
import { conversationRoutes } from './conversations.js';
import { messageRoutes } from './messages.js';
import { stateRoutes } from './state.js';

/** Every route that needs a keypair. */
export function apiRoutes(endpoint: (tier: Tier) => string): Route[] {
  return [...connectRoutes(endpoint), ...conversationRoutes, ...messageRoutes, ...stateRoutes];
}
