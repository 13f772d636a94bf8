import { assignSwitch, type SwitchTable, switchesFrom } from '../switch-table.js';

/** Where evidence about the provider is split or missing, a switch decides. They may be changed while it runs. */
export interface CrispSwitches {
  /** A login answers. */
  loginStatus: 200 | 201;
  /** A route that is not for the caller's tier answers. */
  restrictedTierStatus: 400 | 401 | 403 | 405;
  /** A request over a limit or over the daily quota answers. */
  limitStatus: 420 | 429;
  /** The event of a note that was posted over REST: both were seen. */
  noteEvent: 'message:received' | 'message:send';
  /** `from` of an acknowledgement names who wrote the messages, or who read them. */
  acknowledgeFrom: 'author' | 'reader';
  /** A second message with a known fingerprint. */
  duplicateFingerprint: 'store' | 'ignore';
  /** Time from the 202 of a message to its being stored and told. */
  messageDelayMs: number;
  /** Messages in one batch. */
  messageBatch: number;
  /** Order within a batch of messages. */
  messageOrder: 'ascending' | 'descending';
  /** Length of a page of anything else. */
  pageSize: number;
  /** `data` in `PATCH .../meta`: keeps the keys that are not given, or drops them. */
  metaData: 'merge' | 'replace';
  /** Conversations of the main inbox carry `inbox_id: null` in events, or no `inbox_id`. */
  mainInbox: 'null' | 'absent';
  /** `capabilities` of `session:sync:capabilities`: as in the Node SDK, or as in the Go SDK. */
  capabilities: 'list' | 'nested';
  /** The path that the Node SDK asks in the website tier, which is not documented, is served. */
  websiteDiscovery: boolean;
  /** GET answers may come from a cache of this age, with `Bloom-Status: HIT`. 0 is no cache. */
  cacheMs: number;
  /** A connection that has not authenticated after this time is closed. */
  rtmAuthenticationMs: number;
  /** Connections at the same time for each keypair; more are refused. 0 is no limit. */
  rtmConnections: number;
  /** Pause between pings on a connection, told to new ones. */
  rtmPingMs: number;
  /** A ping that is not answered in this time ends the connection, told to new ones. */
  rtmPongMs: number;
  /** Plugin hooks: attempts of one delivery. */
  hookAttempts: number;
  /** Website hooks, for which no retry is promised. */
  websiteHookAttempts: number;
  /** First pause before a hook is repeated; it doubles. */
  hookRetryFirstMs: number;
  /** Time a receiver has to answer. */
  hookDeadlineMs: number;
  /** A retry is signed with a new time stamp, or repeats the first. */
  hookRetryTimestamp: 'new' | 'first';
  /** How long a hook may wait for the answer to the one before it in its conversation, in real milliseconds. */
  hookOrderMs: number;
  /** Bytes of a hook's body; the signature is always over the bytes sent. */
  hookBody: 'compact' | 'escaped' | 'pretty';
}

export const DEFAULT_CRISP_SWITCHES: CrispSwitches = {
  loginStatus: 200,
  restrictedTierStatus: 403,
  limitStatus: 429,
  noteEvent: 'message:received',
  acknowledgeFrom: 'author',
  duplicateFingerprint: 'store',
  messageDelayMs: 0,
  messageBatch: 20,
  messageOrder: 'ascending',
  pageSize: 20,
  metaData: 'merge',
  mainInbox: 'null',
  capabilities: 'list',
  websiteDiscovery: true,
  cacheMs: 0,
  rtmAuthenticationMs: 10_000,
  rtmConnections: 0,
  rtmPingMs: 25_000,
  rtmPongMs: 20_000,
  hookAttempts: 3,
  websiteHookAttempts: 1,
  hookRetryFirstMs: 1000,
  hookDeadlineMs: 10_000,
  hookRetryTimestamp: 'new',
  hookOrderMs: 50,
  hookBody: 'compact',
};

const COUNT = { from: 1 };

const TABLE: SwitchTable<CrispSwitches> = {
  standard: DEFAULT_CRISP_SWITCHES,
  choices: {
    loginStatus: [200, 201],
    restrictedTierStatus: [400, 401, 403, 405],
    limitStatus: [420, 429],
    noteEvent: ['message:received', 'message:send'],
    acknowledgeFrom: ['author', 'reader'],
    duplicateFingerprint: ['store', 'ignore'],
    messageOrder: ['ascending', 'descending'],
    metaData: ['merge', 'replace'],
    mainInbox: ['null', 'absent'],
    capabilities: ['list', 'nested'],
    hookRetryTimestamp: ['new', 'first'],
    hookBody: ['compact', 'escaped', 'pretty'],
  },
  ranges: { messageBatch: COUNT, pageSize: COUNT, hookAttempts: COUNT, websiteHookAttempts: COUNT },
};

export const setCrispSwitch = (switches: CrispSwitches, name: string, value: unknown): void =>
  assignSwitch(TABLE, switches, name, value);

export const createCrispSwitches = (given: Partial<CrispSwitches>): CrispSwitches =>
  switchesFrom(TABLE, given);
