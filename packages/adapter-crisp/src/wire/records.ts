import type {
  CrispCampaign,
  CrispCampaignInput,
  CrispCampaignItem,
  CrispCampaignRecipient,
  CrispCampaignStatistic,
  CrispCampaignTemplate,
  CrispCampaignTemplateInput,
} from './campaign.js';
import type {
  CrispConversation,
  CrispCustomEvent,
  CrispMeta,
  CrispMetaInput,
  CrispOriginal,
  CrispPage,
  CrispParticipant,
  CrispRouting,
  CrispSearchFilter,
  CrispSpam,
  CrispState,
  CrispStoredFile,
  CrispVerifications,
  CrispWidgetAction,
} from './conversation.js';
import type {
  CrispHelpdeskChange,
  CrispHelpdeskDomain,
  CrispHelpdeskFeedback,
  CrispHelpdeskLocale,
  CrispHelpdeskMetadata,
  CrispHelpdeskPage,
  CrispHelpdeskRatings,
  CrispHelpdeskRedirection,
  CrispHelpdeskTreeEntry,
} from './helpdesk.js';
import type { CrispAuthor, CrispContent, CrispMessage, CrispMessageInput, CrispSide } from './message.js';
import type {
  CrispImportColumn,
  CrispMapPoint,
  CrispPeopleCampaign,
  CrispProfile,
  CrispProfileInput,
  CrispValues,
  CrispVisitor,
} from './people.js';
import type {
  CrispConnectWebsite,
  CrispPlanCoupon,
  CrispPlanSubscription,
  CrispPluginSettings,
  CrispPluginSubscription,
} from './plugin.js';
import type {
  CrispActiveOperator,
  CrispEndpoints,
  CrispInbox,
  CrispInboxInput,
  CrispKeypair,
  CrispOperator,
  CrispOperatorAvailability,
  CrispOperatorEntry,
  CrispSettings,
  CrispTeam,
  CrispTeamInput,
  CrispUserProfile,
  CrispVerification,
  CrispWebsite,
} from './website.js';

/** What the names in the table of routes stand for. */
export interface CrispRecords {
  object: Record<string, unknown>;
  /** A switch in a query: `1` or `0` on the wire. */
  Flag: boolean;
  Values: CrispValues;
  Side: CrispSide;
  State: CrispState;
  /** Text, or filters as JSON. */
  SearchQuery: string | CrispSearchFilter[];
  SearchFilter: CrispSearchFilter;
  LinkTarget: { label: string; url: string };
  UserReference: { user_id: string };
  SessionReference: { session_id: string };
  FingerprintReference: { fingerprint: number };
  PeopleReference: { people_id: string };
  CallReference: { call_id?: string };

  Conversation: CrispConversation;
  Meta: CrispMeta;
  MetaInput: CrispMetaInput;
  Routing: CrispRouting;
  Participant: CrispParticipant;
  Participants: { participants?: CrispParticipant[] };
  Relations: { conversations?: { parent?: string | null; children?: string[] } };
  Verifications: CrispVerifications;
  Page: CrispPage;
  CustomEvent: CrispCustomEvent;
  File: CrispStoredFile;
  Original: CrispOriginal;
  Spam: CrispSpam;
  SpamContent: CrispSpam & { content?: unknown };
  Browsing: { browsing_id?: string; browsing_token?: string; useragent?: string };
  WidgetAction: CrispWidgetAction;

  Message: CrispMessage;
  MessageInput: CrispMessageInput;
  Content: CrispContent;
  Author: CrispAuthor;

  Profile: CrispProfile;
  ProfileInput: CrispProfileInput;
  PeopleCampaign: CrispPeopleCampaign;
  /** By id, or by search. */
  PeopleSelection: { profiles?: string[]; search?: CrispSearchFilter[] | string };
  ImportColumn: CrispImportColumn;
  ImportOptions: { column_separator?: string; skip_header?: boolean };
  SuggestedSegment: { segment?: string; count?: number };
  SuggestedKey: { key?: string; count?: number };
  SuggestedText: { text?: string; count?: number };
  Visitor: CrispVisitor;
  VisitorCount: { count?: number; active?: number; limited?: boolean };
  MapPoint: CrispMapPoint;
  BlockedVisitors: { rule?: string[]; blocked?: number };

  // In events only.
  Compose: {
    type: 'start' | 'stop';
    excerpt?: string;
    timestamp: number;
    automated?: boolean;
    user?: CrispAuthor;
  };
  Rating: { stars: number; comment?: string };
  Details: { type?: string; reason?: string };
  BucketUrl: {
    from: string;
    id: string;
    identifier: string;
    type: string;
    resource?: { type: string; id: string };
    policy?: { size_limit: number };
    url: { resource: string; signed: string };
  };

  Website: CrispWebsite;
  Verification: CrispVerification;
  Settings: CrispSettings;
  Operator: CrispOperator;
  OperatorEntry: CrispOperatorEntry;
  ActiveOperator: CrispActiveOperator;
  /** `online`, `away`, ...; since when, in epoch milliseconds. */
  Availability: { status?: string; since?: number };
  OperatorAvailability: CrispOperatorAvailability;
  Inbox: CrispInbox;
  InboxInput: CrispInboxInput;
  InboxOrder: { inbox_id: string; order: number };
  Team: CrispTeam;
  TeamInput: CrispTeamInput;
  Endpoints: CrispEndpoints;
  Keypair: CrispKeypair;
  UserProfile: CrispUserProfile;

  Campaign: CrispCampaign;
  CampaignItem: CrispCampaignItem;
  CampaignInput: CrispCampaignInput;
  CampaignTemplate: CrispCampaignTemplate;
  CampaignTemplateInput: CrispCampaignTemplateInput;
  CampaignRecipient: CrispCampaignRecipient;
  CampaignStatistic: CrispCampaignStatistic;

  HelpdeskLocale: CrispHelpdeskLocale;
  HelpdeskPage: CrispHelpdeskPage;
  HelpdeskTreeEntry: CrispHelpdeskTreeEntry;
  HelpdeskMove: { to: string };
  HelpdeskMetadata: CrispHelpdeskMetadata;
  HelpdeskChange: CrispHelpdeskChange;
  HelpdeskRatings: CrispHelpdeskRatings;
  HelpdeskFeedback: CrispHelpdeskFeedback;
  HelpdeskRedirection: CrispHelpdeskRedirection;
  HelpdeskDomain: CrispHelpdeskDomain;

  ConnectWebsite: CrispConnectWebsite;
  PluginSubscription: CrispPluginSubscription;
  PluginSettings: CrispPluginSettings;
  PlanSubscription: CrispPlanSubscription;
  PlanCoupon: CrispPlanCoupon;
  BucketFile: { name: string; type: string };
  BucketResource: { type: string; id: string };
}
