import type { CampaignMail } from './emulator.js';
import { shelf } from './platform.js';
import type { Website } from './records.js';

/** What campaigns of a website have sent. */
export function campaignMails(website: Website): CampaignMail[] {
  return [...shelf(website, 'mail').values()].map((mail) => ({
    id: String(mail.mail_id),
    campaignId: String(mail.campaign_id),
    peopleId: String(mail.people_id),
    email: String(mail.email),
    subject: String(mail.subject),
    message: String(mail.message),
    opened: mail.opened === true,
  }));
}

/** Once for each person: opening a mail again counts for nothing. */
export function openMail(websites: readonly Website[], id: string): void {
  for (const website of websites) {
    const mail = shelf(website, 'mail').get(id);
    if (mail === undefined) continue;
    if (mail.opened === true) return;
    mail.opened = true;
    const campaign = shelf(website, 'campaign').get(String(mail.campaign_id));
    const statistics = campaign?.statistics as { opened: number } | undefined;
    if (statistics !== undefined) statistics.opened += 1;
    return;
  }
  throw new TypeError(`There is no campaign mail ${id}`);
}
