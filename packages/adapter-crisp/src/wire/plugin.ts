/** A website that has the plugin. */
export interface CrispConnectWebsite {
  website_id?: string;
  price?: number;
  token?: string;
  settings?: Record<string, unknown>;
  plan?: { id?: string; name?: string; trialing?: boolean };
  /** Only in "since". */
  difference?: string;
}

export interface CrispPluginSubscription {
  id?: string;
  urn?: string;
  type?: string;
  category?: string;
  name?: string;
  summary?: string;
  price?: number;
  plans?: { id?: string; name?: string; price?: number }[];
  icon?: string;
  website_url?: string;
  contact_url?: string;
  terms_url?: string;
  privacy_url?: string;
  help_url?: string;
  video_url?: string;
  configurable?: boolean;
  since?: string;
  active?: boolean;
  website_id?: string;
  card_id?: string;
}

export interface CrispPluginSettings {
  plugin_id?: string;
  website_id?: string;
  token?: string;
  schema?: Record<string, unknown>;
  settings?: Record<string, unknown>;
  settings_form_url?: string;
  callback_url?: string;
}

export interface CrispPlanSubscription {
  id?: string;
  name?: string;
  price?: number;
  since?: string;
  trialing?: boolean;
  trial_end?: string;
  trial_end_date?: string;
  bill_period?: 'monthly' | 'yearly';
  bill_valid_until?: string;
  active?: boolean;
  sandbox?: boolean;
  website?: { id?: string; name?: string; domain?: string; logo?: string };
  coupon_redeemed?: boolean;
  card_id?: string;
  owner?: { user_id?: string; email?: string; first_name?: string; last_name?: string };
}

export interface CrispPlanCoupon {
  code?: string;
  policy?: { rebate_percent?: number; trial_days?: number };
  redeem_limit?: number;
  expire_at?: string;
}
