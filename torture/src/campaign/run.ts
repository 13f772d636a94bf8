import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { createDice, type Dice } from '../dice.js';
import type { Progress } from '../figures.js';
import { type Audience, writeAudience } from './audience.js';
import type { CampaignTortureOptions } from './options.js';
import { type CampaignReport, type CampaignSetup, type Death, TEMPLATE } from './protocol.js';

const PROCESS = fileURLToPath(new URL(`./campaign-process${extname(import.meta.url)}`, import.meta.url));
/** So many of the kills come at any time, also while the process starts. */
const AT_ANY_TIME = 0.2;
const LONGEST_TIME_MS = 1500;
const MOST_LOOPS = 3;
/** A process that does not get on is a failure, not a reason to wait for ever. */
const LONGEST_LIFE_MS = 600_000;
const MOST_CRASHES = 5;
const UPSERT = 'POST /v2/conversations';

export interface CampaignFigures {
  recipients: number;
  reached: number;
  doubled: number;
  lost: number;
  strangers: number;
  reportErrors: number;
  unknown: number;
  leftOver: number;
  crashes: number;
  kills: number;
  answersLost: number;
  sendingSeconds: number;
  perSecond: number;
  seconds: number;
}

/** One run from the audience to the last figure. `signal` ends it early, with everything that it started. */
export async function tortureCampaign(
  options: CampaignTortureOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<CampaignFigures> {
  const began = performance.now();
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'parley-campaign-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const dice = createDice(options.seed, 'campaign');
  const audience = await writeAudience(join(folder, 'audience.csv'), options.recipients, dice);
  const limited = options.limit > 0;
  const provider = opened.adopt(
    await startWeb1on1({ rateLimit: limited ? { perSecond: options.limit } : false, journalSize: 1 }),
    (it) => it.close(),
  );
  const { origin, credentials } = provider;
  const setup: CampaignSetup = {
    file: join(folder, 'bot.db'),
    audience: join(folder, 'audience.csv'),
    optedOut: audience.optedOut,
    provider: { origin, token: credentials.token, organization: credentials.organization },
    rate: limited ? options.limit : 100_000,
    lookUpAfterMs: options.lookUpAfterMs,
  };
  const lives = new Lives(options, dice, provider, progress);
  const report = await lives.run(setup, signal);
  return {
    ...figuresOf(provider, audience, report, options),
    ...lives.figures(options.recipients),
    seconds: rounded((performance.now() - began) / 1000),
  };
}

/** One process after the other, until one of them has seen the end of the run. */
class Lives {
  readonly #options: CampaignTortureOptions;
  readonly #dice: Dice;
  readonly #provider: Web1on1Emulator;
  readonly #progress: Progress;
  #kills = 0;
  #crashes = 0;
  #lost = 0;
  #sendingMs = 0;

  constructor(options: CampaignTortureOptions, dice: Dice, provider: Web1on1Emulator, progress: Progress) {
    this.#options = options;
    this.#dice = dice;
    this.#provider = provider;
    this.#progress = progress;
  }

  async run(setup: CampaignSetup, signal: AbortSignal): Promise<CampaignReport> {
    for (;;) {
      signal.throwIfAborted();
      const left = this.#options.kills - this.#kills;
      const death = left > 0 ? this.#death(left) : undefined;
      if (death !== undefined) this.#loseAnswers();
      const began = performance.now();
      const ended = await live({ ...setup, ...(death !== undefined && { death }) }, signal);
      this.#sendingMs += performance.now() - began;
      if (ended.report !== undefined) return ended.report;
      if (ended.killed) this.#kills += 1;
      else this.#crashes += 1;
      if (this.#crashes > MOST_CRASHES) throw new Error('The processes of the bot end by themselves');
      if (this.#options.verbose)
        this.#progress(`kill ${this.#kills} (${JSON.stringify(death)}): ${this.#reached()} have it`);
    }
  }

  figures(
    recipients: number,
  ): Pick<CampaignFigures, 'kills' | 'crashes' | 'answersLost' | 'sendingSeconds' | 'perSecond'> {
    return {
      kills: this.#kills,
      crashes: this.#crashes,
      answersLost: this.#lost,
      sendingSeconds: rounded(this.#sendingMs / 1000),
      perSecond: Math.round(recipients / (this.#sendingMs / 1000)),
    };
  }

  #reached(): number {
    return this.#provider.contacts.list().length;
  }

  /** Spread over what is left to be sent, so that the last kills find something to interrupt. */
  #death(left: number): Death {
    const dice = this.#dice;
    const share = (this.#options.recipients - this.#reached()) / (left + 1);
    const message = dice.between(1, Math.max(1, Math.floor(share * 1.5)));
    if (dice.chance(AT_ANY_TIME)) return { at: 'time', message, afterMs: dice.between(0, LONGEST_TIME_MS) };
    return { at: dice.chance(0.5) ? 'request' : 'answer', message, loops: dice.between(0, MOST_LOOPS) };
  }

  #loseAnswers(): void {
    const { faults } = this.#provider;
    for (const kind of ['drop-after', 'status-after'] as const) {
      if (!this.#dice.chance(0.5)) continue;
      faults.next({ kind, route: UPSERT, times: 1, status: 503 });
      this.#lost += 1;
    }
    if (this.#dice.chance(0.5)) faults.next({ kind: 'drop-before', route: UPSERT });
  }
}

interface Ended {
  report: CampaignReport | undefined;
  killed: boolean;
}

/** The life of one process. */
async function live(setup: CampaignSetup, signal: AbortSignal): Promise<Ended> {
  const child = fork(PROCESS, [], { stdio: ['ignore', 2, 2, 'ipc'] });
  child.on('error', () => {});
  let report: CampaignReport | undefined;
  child.on('message', (message: CampaignReport) => {
    report = message;
  });
  child.send(setup, () => {});
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_LIFE_MS)]);
  const stop = (): void => void child.kill('SIGTERM');
  giveUp.addEventListener('abort', stop, { once: true });
  await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  giveUp.removeEventListener('abort', stop);
  return { report, killed: child.signalCode === 'SIGKILL' };
}

function figuresOf(
  provider: Web1on1Emulator,
  { wanted, excluded }: Audience,
  { status, exported, leftOver }: CampaignReport,
  { recipients }: CampaignTortureOptions,
): Pick<
  CampaignFigures,
  'recipients' | 'reached' | 'doubled' | 'lost' | 'strangers' | 'reportErrors' | 'unknown' | 'leftOver'
> {
  const phones = new Map<unknown, string>(
    provider.contacts
      .list()
      .map(({ conversation, profile }) => [
        conversation,
        typeof profile.telephone === 'string' ? profile.telephone : '',
      ]),
  );
  const got = new Map<string, number>();
  for (const { conversation, meta } of provider.messages.list()) {
    if (meta?.template !== TEMPLATE) continue;
    const phone = phones.get(conversation) ?? '';
    got.set(phone, (got.get(phone) ?? 0) + 1);
  }
  const messages = [...got.values()].reduce((sum, one) => sum + one, 0);
  const reached = [...got.keys()].filter((phone) => wanted.has(phone)).length;
  const numbers: [number | undefined, number][] = [
    [status.recipients, wanted.size],
    [status.counts.sent, messages],
    [status.counts.failed, 0],
    [status.waiting, 0],
    [exported.sent, messages],
    [status.excluded.bad_row, excluded.bad_row],
    [status.excluded.duplicate, excluded.duplicate],
    [status.excluded.opted_out, excluded.opted_out],
  ];
  return {
    recipients,
    reached,
    doubled: messages - got.size,
    lost: wanted.size - reached,
    strangers: got.size - reached,
    reportErrors: numbers.filter(([told, is]) => told !== is).length,
    unknown: status.unknown,
    leftOver,
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
