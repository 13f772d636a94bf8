import { assignSwitch, type SwitchTable, switchesFrom } from '../switch-table.js';

/** Which methods a read answers to. */
export type ReadMethod = 'both' | 'GET' | 'POST';

/**
 * Where evidence about the provider is split or missing, a switch decides. They may be changed while it runs. What is marked as
 * a guess has no evidence at all.
 */
export interface ChatIncSwitches {
  /** Methods of `retrieve/campaigns` and `retrieve/campaign`: both are printed. */
  campaignsMethod: ReadMethod;
  campaignMethod: ReadMethod;
  /** Methods of the other reads, of which one is printed. */
  variableGroupsMethod: ReadMethod;
  audiencesMethod: ReadMethod;
  audienceContactsMethod: ReadMethod;
  /** A known path that is asked with another method (guess). */
  wrongMethodStatus: 404 | 405;
  /** Where an error's text stands in its body (guess). */
  errorForm: 'message' | 'error' | 'nested' | 'reason' | 'errors' | 'text';
  /** What creating a campaign answers (guess): with its id in an envelope, as the campaign, in an array, or nothing. */
  createResponse: 'envelope' | 'campaign' | 'array' | 'empty';
  /** What every other write answers (guess). */
  writeResponse: 'envelope' | 'empty';
  /** The list of campaigns: an envelope for each (the documentation's sample), one for all, or none. */
  listEnvelope: 'seed' | 'object' | 'bare';
  /** Ids of campaigns begin so: both were seen. */
  campaignIdPrefix: 'c_' | 'chatstack_';
  /** A campaign may be named by its title where its id is asked for: one recipe does it. */
  titleAsId: boolean;
  /** Campaigns tell of their runs, in a form that is a guess. The sample's list is empty. */
  listRuns: boolean;
  /** Input buttons come back with their `input`. The sample's do not. */
  listButtonInput: boolean;
  /** Where counters stand for which no field was seen (guess): nowhere, as `total...`, or under `results` with rates. */
  errorCounters: 'absent' | 'total' | 'results';
  /** Counters as numbers (the sample) or as text. */
  counters: 'number' | 'text';
  /** Totals of a campaign are this old; details are not. */
  statsLagMs: number;
  /** What details say of a recipient's state (guess): in a column of its own, in `action`, or nothing. */
  detailsStatus: 'column' | 'action' | 'absent';
  /** A press shows in `action` as the button's label or as its `input` (guess). */
  pressAction: 'text' | 'input';
  /** Most rows of details as JSON; CSV always has all. 0 is no limit. */
  detailsJsonRows: number;
  /** The form in which details come as CSV: only that there is CSV is known. */
  detailsCsv: 'plain' | 'bomCrlf' | 'semicolon' | 'textPlain' | 'json' | 'link';
  /** Time until a template is decided. */
  approvalDelayMs: number;
  /** Templates decide themselves after that time, or wait for `approve` and `reject`. */
  approval: 'automatic' | 'manual';
  /** A title with this in it is rejected. Empty: none is. */
  rejectMarker: string;
  /** A message with placeholders needs a `messageExample`, as in the older documentation. */
  requireMessageExample: boolean;
  /** Template types that are accepted: those of the older documentation too, or `MARKETING` only. */
  templateTypes: 'all' | 'marketing';
  /** Buttons that call or open a page do not go with those that answer. */
  strictButtons: boolean;
  /** A campaign id posted to `create/campaign` runs it, as one printed example does. */
  acceptRunViaCreate: boolean;
  /** A run of a template that is not approved (guess): refused with 400, or held until it is. */
  runUnapproved: 'refuse' | 'hold';
  /** A recipient without a value (guess): counts as a send error, or gets a blank. */
  missingVariable: 'sendError' | 'blank';
  /** A variable group that is posted again (guess). */
  variableGroupRepost: 'merge' | 'replace' | 'error';
  /** Contacts that are posted to a known audience (guess). */
  addContacts: 'merge' | 'replace';
  /** What the list of audiences tells of their contacts (guess): nothing, how many, or all. */
  audienceList: 'plain' | 'count' | 'contacts';
  /** The column of numbers is `number` and nothing else; otherwise `phone`, `msisdn`, `mobile` and the like too. */
  strictCsv: boolean;
  /** A row or a contact without a phone number (guess): refuses all of the request, or is left out. */
  badRows: 'reject' | 'skip';
  /** `audienceId` beside a file of variables: the text calls it optional, the table required. */
  requireAudienceId: boolean;
  /** What each recipient of a run costs, of the account's prepaid balance. */
  pricePerMessage: number;
  /** A run that the balance does not cover (guess): refused with 402, or the balance goes below 0. */
  lowBalance: 'refuse' | 'allow';
  /** A message is sent, delivered and read within these times, each after the other. */
  sentWithinMs: number;
  deliveredWithinMs: number;
  readWithinMs: number;
  /** Probabilities 0..1. Of what was sent and did not fail, this much is delivered; of what was delivered, this much read. */
  sendErrorRate: number;
  deliveryErrorRate: number;
  deliveredRate: number;
  readRate: number;
  /** The account has a Facebook catalog: without one, product routes answer 406. */
  catalog: boolean;
}

export const DEFAULT_CHATINC_SWITCHES: ChatIncSwitches = {
  campaignsMethod: 'both',
  campaignMethod: 'both',
  variableGroupsMethod: 'POST',
  audiencesMethod: 'GET',
  audienceContactsMethod: 'POST',
  wrongMethodStatus: 405,
  errorForm: 'message',
  createResponse: 'envelope',
  writeResponse: 'envelope',
  listEnvelope: 'seed',
  campaignIdPrefix: 'c_',
  titleAsId: false,
  listRuns: true,
  listButtonInput: false,
  errorCounters: 'absent',
  counters: 'number',
  statsLagMs: 0,
  detailsStatus: 'column',
  pressAction: 'text',
  detailsJsonRows: 0,
  detailsCsv: 'plain',
  approvalDelayMs: 0,
  approval: 'automatic',
  rejectMarker: '[reject]',
  requireMessageExample: false,
  templateTypes: 'all',
  strictButtons: true,
  acceptRunViaCreate: false,
  runUnapproved: 'refuse',
  missingVariable: 'sendError',
  variableGroupRepost: 'merge',
  addContacts: 'merge',
  audienceList: 'plain',
  strictCsv: true,
  badRows: 'reject',
  requireAudienceId: false,
  pricePerMessage: 1,
  lowBalance: 'refuse',
  sentWithinMs: 1000,
  deliveredWithinMs: 5000,
  readWithinMs: 60_000,
  sendErrorRate: 0,
  deliveryErrorRate: 0,
  deliveredRate: 1,
  readRate: 0.7,
  catalog: false,
};

const METHODS = ['both', 'GET', 'POST'] as const;
const RATE = { from: 0, to: 1 };

const TABLE: SwitchTable<ChatIncSwitches> = {
  standard: DEFAULT_CHATINC_SWITCHES,
  choices: {
    campaignsMethod: METHODS,
    campaignMethod: METHODS,
    variableGroupsMethod: METHODS,
    audiencesMethod: METHODS,
    audienceContactsMethod: METHODS,
    wrongMethodStatus: [404, 405],
    errorForm: ['message', 'error', 'nested', 'reason', 'errors', 'text'],
    createResponse: ['envelope', 'campaign', 'array', 'empty'],
    writeResponse: ['envelope', 'empty'],
    listEnvelope: ['seed', 'object', 'bare'],
    campaignIdPrefix: ['c_', 'chatstack_'],
    errorCounters: ['absent', 'total', 'results'],
    counters: ['number', 'text'],
    detailsStatus: ['column', 'action', 'absent'],
    pressAction: ['text', 'input'],
    detailsCsv: ['plain', 'bomCrlf', 'semicolon', 'textPlain', 'json', 'link'],
    approval: ['automatic', 'manual'],
    templateTypes: ['all', 'marketing'],
    runUnapproved: ['refuse', 'hold'],
    missingVariable: ['sendError', 'blank'],
    variableGroupRepost: ['merge', 'replace', 'error'],
    addContacts: ['merge', 'replace'],
    audienceList: ['plain', 'count', 'contacts'],
    badRows: ['reject', 'skip'],
    lowBalance: ['refuse', 'allow'],
  },
  ranges: { sendErrorRate: RATE, deliveryErrorRate: RATE, deliveredRate: RATE, readRate: RATE },
};

export const setChatIncSwitch = (switches: ChatIncSwitches, name: string, value: unknown): void =>
  assignSwitch(TABLE, switches, name, value);

export const createChatIncSwitches = (given: Partial<ChatIncSwitches>): ChatIncSwitches =>
  switchesFrom(TABLE, given);
