import type { Addressee, Content, ContentLimits } from '@parley/core';
import type { CampaignTemplate } from './spec.js';

/** What a person gets from an account of `provider`, when it is sent person by person: the contents of one `open`, in order. */
export declare function contentsFor(
  template: CampaignTemplate,
  provider: string,
  limits: ContentLimits,
  addressee: Addressee,
): Content[];
