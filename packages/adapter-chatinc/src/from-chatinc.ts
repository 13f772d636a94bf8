import type { Campaign, CampaignCounts, RecipientResult, TemplateButton } from '@parley/core';
import { toId } from '@parley/core';
import { type ChatIncCounters, readCounters } from './counters.js';
import type { ChatIncRecipient } from './recipient.js';
import { type ChatIncTemplateStatus, fromTemplateStatus } from './template-status.js';
import type { ChatIncCampaign } from './wire/campaign.js';

export interface Viewpoint {
  account: string;
  /** A template whose status is a word that we do not know counts as approved. */
  runUnknownTemplates: boolean;
}

export function fromChatIncCampaign(campaign: ChatIncCampaign, view: Viewpoint): Campaign {
  const counts = toCounts(readCounters(campaign));
  const runs = campaign.runs?.length ?? 0;
  const neverRun = runs === 0 && (counts.sent ?? 0) === 0;
  return {
    id: toId(view.account, campaign.campaignId),
    account: view.account,
    provider: 'chatinc',
    title: campaign.title ?? '',
    templateStatus: toTemplateStatus(fromTemplateStatus(campaign.whatsAppTemplatesStatus), view),
    // In the one sample that is documented the list of runs is there and empty: none may mean that it is never filled.
    ...(runs > 0 && { runs }),
    ...(neverRun && { state: 'idle' as const }),
    counts,
  };
}

function toTemplateStatus(status: ChatIncTemplateStatus, view: Viewpoint): ChatIncTemplateStatus {
  return status === 'unknown' && view.runUnknownTemplates ? 'approved' : status;
}

/** Numbers that are not on WhatsApp may be among the errors, so they are not added. */
export function toCounts({
  sent,
  delivered,
  read,
  sendErrors,
  deliveryErrors,
}: ChatIncCounters): CampaignCounts {
  const failed =
    sendErrors === undefined && deliveryErrors === undefined
      ? undefined
      : (sendErrors ?? 0) + (deliveryErrors ?? 0);
  return {
    ...(sent !== undefined && { sent }),
    ...(delivered !== undefined && { delivered }),
    ...(read !== undefined && { read }),
    ...(failed !== undefined && { failed }),
  };
}

/** What is known of one person; the answer by the button it came from. */
export function toResult(
  { number, status, reason, press }: ChatIncRecipient,
  buttons: readonly TemplateButton[],
): RecipientResult {
  const button = buttons.find(({ label }) => label === press?.text);
  return {
    to: { channel: 'whatsapp', value: number },
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
    ...(press !== undefined && {
      answer: { label: press.text, value: button?.type === 'reply' ? button.value : press.input },
    }),
  };
}
