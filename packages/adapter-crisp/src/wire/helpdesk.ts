import type { CrispGeolocation } from './people.js';

interface Counts {
  entries?: number;
  groups?: number;
}

export interface CrispHelpdeskLocale {
  locale_id?: string;
  locale?: string;
  url?: string;
  statistics?: { articles?: Counts; guides?: Counts; references?: Counts; news?: Counts };
}

export interface CrispHelpdeskPage {
  entity_id?: string;
  title?: string;
  tree_path?: string;
  url?: string;
}

export interface CrispHelpdeskState {
  published?: boolean;
  hidden?: boolean;
  featured?: boolean;
}

export interface CrispHelpdeskTreeEntry {
  type?: string;
  slug?: string;
  title?: string;
  state?: CrispHelpdeskState;
  children?: CrispHelpdeskTreeEntry[];
}

export interface CrispHelpdeskMetadata {
  format?: string;
  title?: string;
  description?: string;
  state?: CrispHelpdeskState;
  author?: { user_id?: string };
  color?: string;
  image?: string;
}

export interface CrispHelpdeskChange {
  change_id?: string;
  message?: string;
  author?: { email?: string; name?: string };
  edits?: { insertions?: number; deletions?: number };
  created_at?: number;
  files?: { change?: string; path?: string; metadata?: CrispHelpdeskMetadata; content?: string }[];
}

export interface CrispHelpdeskRatings {
  ratings?: { helpful?: number; unhelpful?: number };
}

export interface CrispHelpdeskFeedback {
  rating?: string;
  comment?: string;
  article?: { article_id?: string; title?: string; url?: string };
  session?: {
    session_id?: string;
    nickname?: string;
    email?: string;
    avatar?: string;
    geolocation?: CrispGeolocation;
    assigned?: { user_id?: string };
  };
  created_at?: number;
}

export interface CrispHelpdeskRedirection {
  redirection_id?: string;
  path?: string;
  target?: string;
  created_at?: number;
  updated_at?: number;
}

export interface CrispHelpdeskDomain {
  root?: string;
  basic?: string;
  custom?: string;
  verified?: boolean;
}
