import type { Progress } from '../figures.js';
import { CAMPAIGN_HELP, type CampaignTortureOptions, readCampaignOptions } from './options.js';
import { type CampaignFigures, tortureCampaign } from './run.js';

/** What must be 0 for a run to have gone well. */
const FAULTLESS = [
  'doubled',
  'lost',
  'strangers',
  'reportErrors',
  'unknown',
  'leftOver',
  'crashes',
] as const satisfies readonly (keyof CampaignFigures)[];

/** `torture campaign`: returns the exit code. */
export async function campaignMain(args: string[], progress: Progress, signal: AbortSignal): Promise<number> {
  let options: CampaignTortureOptions | 'help';
  try {
    options = readCampaignOptions(args);
  } catch (error) {
    console.error(
      `torture campaign: ${error instanceof Error ? error.message : 'wrong arguments'} (--help explains)`,
    );
    return 2;
  }
  if (options === 'help') {
    console.log(CAMPAIGN_HELP);
    return 0;
  }
  const figures = await tortureCampaign(options, progress, signal);
  const wrong = FAULTLESS.filter((name) => figures[name] !== 0);
  if (wrong.length > 0) console.error(`torture campaign: not 0: ${wrong.join(', ')}`);
  console.log(JSON.stringify(figures));
  return wrong.length === 0 ? 0 : 1;
}
