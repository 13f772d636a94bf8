import type { CrispSearchFilter } from './conversation.js';
import type { CrispPerson } from './people.js';

export interface CrispCampaign {
  campaign_id?: string;
  type?: string;
  format?: string;
  name?: string;
  subject?: string;
  tag?: string;
  ready?: boolean;
  dispatched?: boolean;
  running?: boolean;
  progress?: number;
  targets?: number;
  reached?: number;
  created_at?: number;
  updated_at?: number;
  dispatched_at?: number;
}

export interface CrispCampaignInput {
  type?: string;
  format?: string;
  name?: string;
  subject?: string;
  tag?: string;
  sender?: { user_id?: string };
  recipients?: { type?: string; segments?: string[]; people?: string[]; filter?: CrispSearchFilter[] };
  flow?: {
    launch_event?: string;
    assert_filter?: CrispSearchFilter[];
    assert_delay?: number;
    deliver_once?: boolean;
    deliver_delay?: number;
  };
  message?: string;
  options?: {
    deliver_to_chatbox?: boolean;
    deliver_to_email?: boolean;
    sender_name_website?: boolean;
    sender_email_reply?: boolean;
    tracking?: boolean;
  };
}

export interface CrispCampaignItem extends CrispCampaign, CrispCampaignInput {
  type?: string;
  format?: string;
  name?: string;
  subject?: string;
  tag?: string;
  statistics?: { opened?: number; clicked?: number; unsubscribed?: number };
}

export interface CrispCampaignTemplateInput {
  type?: string;
  name?: string;
  format?: string;
  content?: string;
}

export interface CrispCampaignTemplate extends CrispCampaignTemplateInput {
  template_id?: string;
  created_at?: number;
  updated_at?: number;
}

export interface CrispCampaignRecipient {
  people_id?: string;
  email?: string;
  person?: Pick<CrispPerson, 'nickname' | 'avatar'>;
  subscribed?: boolean;
}

export interface CrispCampaignStatistic {
  type?: string;
  profile?: { people_id?: string; email?: string; person?: CrispPerson };
  data?: Record<string, unknown>;
  created_at?: number;
  updated_at?: number;
}
