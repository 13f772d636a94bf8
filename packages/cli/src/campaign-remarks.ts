import type { RunStatus } from '@parley/broadcast';
import type { CampaignHost } from './campaign-host.js';
import { triedOf } from './campaign-progress.js';
import { tell } from './tell.js';

/** Milliseconds without anything new until that is said. A bot looks for runs every second. */
const SURPRISING_MS = 10_000;

/** Says what a bar that stands still does not, once each time. */
export class Remarks {
  readonly #host: CampaignHost;
  #seen = '';
  #since = 0;
  #isSaid = false;

  constructor(host: CampaignHost) {
    this.#host = host;
  }

  look(status: RunStatus, now: number): void {
    const seen = `${status.state} ${triedOf(status)}`;
    if (seen !== this.#seen) {
      this.#since = now;
      this.#isSaid = false;
    }
    this.#seen = seen;
    const remark = remarkOf(this.#host, status);
    if (this.#isSaid || remark === undefined || now - this.#since <= SURPRISING_MS) return;
    this.#isSaid = true;
    tell(remark);
  }
}

function remarkOf({ isBot }: CampaignHost, { state, via, provider }: RunStatus): string | undefined {
  if (state === 'planned' && isBot) return NOBODY_BEGINS;
  // How fast a provider sends its own campaigns is its affair.
  if (state === 'planned' || (state === 'running' && via === 'person'))
    return `${provider} does not answer, or wants us to wait: we go on trying; Ctrl-C stops, and nobody is lost`;
  return undefined;
}

const NOBODY_BEGINS =
  'The bot has not begun. If it stays so: does it have this account, and campaigns (createBroadcast(bot), then start())?';
