import type { Tier } from '../events.js';
import type { Route } from '../route.js';
import { accountRoutes } from './account.js';
import { batchRoutes } from './batch.js';
import { campaignRoutes } from './campaigns.js';
import { connectRoutes } from './connect.js';
import { conversationPartRoutes } from './conversation-parts.js';
import { conversationRoutes } from './conversations.js';
import { helpdeskRoutes } from './helpdesk.js';
import { helpdeskTreeRoutes } from './helpdesk-tree.js';
import { inboxRoutes, teamRoutes } from './inboxes.js';
import { mediaRoutes } from './media.js';
import { messageRoutes } from './messages.js';
import { operatorRoutes } from './operators.js';
import { peopleRoutes } from './people.js';
import { peoplePartRoutes } from './people-parts.js';
import { planRoutes } from './plans.js';
import { pluginRoutes } from './plugins.js';
import { stateRoutes } from './state.js';
import { suggestionRoutes } from './suggestions.js';
import { visitorRoutes } from './visitors.js';
import { websiteRoutes } from './website.js';
import { workspaceRoutes } from './workspace.js';

/** Every route that needs a keypair. */
export function apiRoutes(endpoint: (tier: Tier) => string): Route[] {
  return [
    ...connectRoutes(endpoint),
    ...accountRoutes,
    ...websiteRoutes,
    ...workspaceRoutes,
    ...conversationRoutes,
    ...conversationPartRoutes,
    ...messageRoutes,
    ...stateRoutes,
    ...batchRoutes,
    ...peopleRoutes,
    ...peoplePartRoutes,
    ...suggestionRoutes,
    ...operatorRoutes,
    ...inboxRoutes,
    ...teamRoutes,
    ...visitorRoutes,
    ...campaignRoutes,
    ...helpdeskRoutes,
    ...helpdeskTreeRoutes,
    ...pluginRoutes,
    ...planRoutes,
    ...mediaRoutes,
  ];
}
