import type { Addressee, Clock } from '@parley/core';
import { ParleyError } from '@parley/core';
import { type AddressSet, createAddressSet } from './address-set.js';
import { checkSpec } from './check-spec.js';
import { isLink } from './check-template.js';
import { linksOf, placeholdersNeeded } from './contents.js';
import type { CsvRow } from './csv.js';
import { Candidate, type Person, PlannedAddressee, readPerson } from './people.js';
import { type Placeholder, placeholdersOf, render } from './placeholders.js';
import type { BadRow, PlanReport } from './plan-report.js';
import { collectProblems } from './problems.js';
import { sampleOf } from './sample.js';
import type { CampaignSpec, CampaignTemplate, Via } from './spec.js';
import { openTable, type Table } from './table.js';
import { createTally, type Tally } from './tally.js';
import { type PlannedAdapter, validate, type Way } from './validate.js';
import { openValues, type ValueReader } from './values.js';

/** What planning needs of its surroundings. Nothing of the adapter is called: only what it accepts is read. */
export interface PlanParts {
  /** The account that the campaign names. Undefined if the bot has none of this name: then that is among the problems. */
  adapter: PlannedAdapter | undefined;
  /** Says whether `at` has passed already. */
  clock: Pick<Clock, 'now'>;
  /**
   * For each of these addresses, in the form of `suppressionKey`, whether it is on the suppression list. All addresses of a row are
   * asked for, not only the one that is written to.
   */
  isSuppressed(addresses: readonly string[]): Promise<readonly boolean[]>;
  /** Recipients in a batch; the last one may have fewer. Default 100. */
  batchSize?: number;
}

/** A campaign that has no problem of its own. Its people are read while `recipients` is. */
export interface CampaignPlan {
  via: Via;
  /** ISO 8601, UTC. Missing: at once. */
  at?: string;
  /**
   * Who gets it, each once, in the order of the audience, with the values that the template needs and no others. To be read
   * once, and to its end: then there is a report.
   *
   * @throws ERR_CONFIG if there is nobody in the audience, or a file can no longer be read
   */
  recipients: AsyncIterable<readonly Addressee[]>;
  /** @throws ERR_CONFLICT before `recipients` has been read to its end */
  report(): PlanReport;
}

/**
 * Checks the campaign against the account and the columns of its files, and makes ready to read its people.
 *
 * @throws ERR_CONFIG with everything that is wrong with the campaign itself, each with its place and what to do; mistakes in single
 * rows are in the report
 */
export async function planCampaign(spec: CampaignSpec, parts: PlanParts): Promise<CampaignPlan> {
  const checked = checkSpec(spec);
  const problems = collectProblems(checked.name);
  const { audience, account, template } = checked;
  const warnings: string[] = [];
  const opened = await Promise.all(
    audience.map((source, index) => openTable(source, `audience[${index}]`, problems)),
  );
  const tables = opened.filter((table) => table !== undefined);
  const { adapter } = parts;
  const provider = adapter?.provider ?? '';
  const way = validate(checked, adapter, tables, problems, warnings);
  const limits = adapter?.messages?.accepts;
  const tally = createTally((addressee) => sampleOf(template, provider, way.via, limits, addressee));
  const needed = placeholdersNeeded(template, provider, way.via);
  const readers = await openValues(checked, needed, tables, problems, (row) => tally.badRow(row, false));
  problems.throwIfAny();

  const links = linksWithValues(template, needed);
  const at = laterThan(parts.clock.now(), checked.at);
  let isRead = false;
  async function* recipients(): AsyncGenerator<readonly Addressee[]> {
    yield* inBatches(
      readAudience({ spec: checked, way, readers, links, tally }, parts),
      parts.batchSize ?? 100,
    );
    if (tally.counts().rows === 0)
      throw new ParleyError('ERR_CONFIG', `${checked.name}: audience: there is nobody in it`, {
        problems: ['audience: there is nobody in it'],
      });
    isRead = true;
  }
  return {
    via: way.via,
    ...(at !== undefined && { at }),
    recipients: recipients(),
    report() {
      if (!isRead) throw new ParleyError('ERR_CONFLICT', 'The recipients have not been read to their end');
      return {
        campaign: checked.name,
        account,
        provider,
        via: way.via,
        ...tally.counts(),
        warnings: [...warnings, ...tally.doubts()],
        ...(at !== undefined && { at }),
      };
    },
  };
}

function laterThan(now: number, at: string | undefined): string | undefined {
  return at !== undefined && Date.parse(at) > now ? at : undefined;
}

/** The links that are another for every person: an approved template has its own. */
function linksWithValues(template: CampaignTemplate, needed: readonly Placeholder[]): string[] {
  const keys = new Set(needed.map(({ key }) => key));
  return linksOf(template).filter((url) => placeholdersOf(url).some(({ key }) => keys.has(key)));
}

interface Reading {
  spec: CampaignSpec;
  way: Way;
  readers: ReadonlyMap<Table, ValueReader>;
  links: readonly string[];
  tally: Tally;
}

/** People, in pieces as they are read: each once, nobody who has opted out. */
async function* readAudience(reading: Reading, parts: PlanParts): AsyncGenerator<readonly Addressee[]> {
  const seen: Seen = { written: createAddressSet(), others: createAddressSet() };
  for (const [table, valuesOf] of reading.readers) {
    for await (const rows of table.rows()) {
      const candidates: Candidate[] = [];
      for (const row of rows) {
        const candidate = readRow(reading, table, valuesOf, seen, row);
        if (candidate !== undefined) candidates.push(candidate);
      }
      if (candidates.length > 0) yield await withoutSuppressed(candidates, reading.tally, parts);
    }
  }
}

/** The addresses of the rows so far: those that are written to, and the others of the same people. */
interface Seen {
  written: AddressSet;
  others: AddressSet;
}

/**
 * Somebody who gets a message already. Two phone numbers that only share an e-mail address are two people: a couple, a firm, or the
 * address that a system fills in where it has none.
 */
function wasThere({ written, others }: Seen, { to, addresses }: Person): boolean {
  return others.has(to.value) || addresses.some((address) => written.has(address));
}

function remember({ written, others }: Seen, { addresses }: Person): void {
  for (const address of addresses) if (!written.has(address)) others.add(address);
}

/** The person in a row, unless the row is bad or the person was there before: then that is counted. */
function readRow(
  { spec, way, links, tally }: Reading,
  table: Table,
  valuesOf: ValueReader,
  seen: Seen,
  row: CsvRow,
): Candidate | undefined {
  tally.row();
  const bad = (exclusion: BadRow['exclusion'], reason: string): undefined => {
    tally.badRow({ ...table.placeOf(row.line), exclusion, reason }, true);
  };
  if ('reason' in row) return bad('bad_row', row.reason);
  const person = readPerson(row.cells, table.columns, way, spec);
  if ('reason' in person) return bad('bad_row', person.reason);
  // Whoever gets it already loses nothing by a second row with mistakes.
  if (wasThere(seen, person)) {
    tally.duplicate(!seen.written.has(person.to.value));
    remember(seen, person);
    return undefined;
  }
  const found = valuesOf(row.cells, person.addresses);
  if ('missing' in found) {
    const fields = found.missing.map((key) => `{${key}}`).join(', ');
    return bad('missing_variable', `has no value for ${fields}: fill it in, or leave the person out`);
  }
  if (!links.every((url) => isLink(render(url, found.values))))
    return bad('bad_row', 'the values make no link of https:// for the button');
  seen.written.add(person.to.value);
  remember(seen, person);
  return new Candidate(person, found.values);
}

async function withoutSuppressed(
  candidates: readonly Candidate[],
  tally: Tally,
  { isSuppressed }: PlanParts,
): Promise<Addressee[]> {
  const suppressed = await isSuppressed(candidates.flatMap(({ person }) => person.addresses));
  const left: Addressee[] = [];
  let at = 0;
  for (const { person, values } of candidates) {
    const first = at;
    at += person.addresses.length;
    if (person.addresses.some((_, index) => suppressed[first + index])) tally.optedOut();
    else {
      const addressee = new PlannedAddressee(person, values);
      tally.recipient(addressee);
      left.push(addressee);
    }
  }
  return left;
}

async function* inBatches<T>(
  pieces: AsyncIterable<readonly T[]>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const piece of pieces) {
    for (const each of piece) {
      batch.push(each);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const SHOWN_BAD_ROWS = 10;

/**
 * Why a run of this plan has to be refused: nobody is left to write to, or there are bad rows and nobody has said that these may be
 * skipped. Undefined if it may go on.
 */
export function refusalOf(
  report: PlanReport,
  { skipBad = false }: { skipBad?: boolean } = {},
): ParleyError | undefined {
  const { campaign, badRowCount, recipients } = report;
  const problems: string[] = [];
  if (badRowCount > 0 && !skipBad) {
    const shown = report.badRows.slice(0, SHOWN_BAD_ROWS);
    problems.push(
      ...shown.map(
        ({ source, line, reason }) => `${line === undefined ? source : `${source}:${line}`}: ${reason}`,
      ),
    );
    if (badRowCount > shown.length)
      problems.push(`and ${badRowCount - shown.length} more; the plan lists them`);
    problems.push(`${badRowCount} bad rows: correct them, or skip them with skipBad`);
  }
  if (recipients === 0) problems.push('audience: nobody is left to write to');
  if (problems.length === 0) return undefined;
  return new ParleyError('ERR_CONFIG', `${campaign}: ${problems.join('; ')}`, { problems });
}
