import { parseArgs } from 'node:util';
import { ENGINES, type EngineName } from './engine.js';

export interface TortureOptions {
  engine: EngineName;
  /** Distinct messages. */
  messages: number;
  seed: number;
  conversations: number;
  processes: number;
  /** Milliseconds between kills, on average; 0: none. */
  killEveryMs: number;
  /** Milliseconds between two cuts, on average; 0: none. */
  cutEveryMs: number;
  /** Requests a second that the account may send. */
  rate: number;
  /** A PostgreSQL server to use instead of one that is started for the run. */
  url: string | undefined;
  verbose: boolean;
}

export const HELP = `Sends a bot a hurry of webhooks while its processes are killed and its provider fails, and counts what came out.
"torture campaign --help" tells of the same for a campaign.

  --engine <name>       ${Object.keys(ENGINES).join(', ')} (needed)
  --messages <n>        distinct messages that people write. Default 5000
  --seed <n>            decides who is killed when, which request fails how, what is delivered in which order. Default 1
  --conversations <n>   Default 200
  --processes <n>       processes of the bot. Default 4 on postgres, else 1, and more are not possible there
  --kill-every-ms <n>   milliseconds between two kills, on average. Default 3000
  --no-kills            nobody is killed; the memory engine forgets everything when its process ends, and needs this
  --cut-every-ms <n>    milliseconds between two times that one process is cut off from the database for 14 s, so that others take
                        over what it was doing; postgres only. 0: never. Default 15000
  --rate <n>            requests a second that the account may send, over all processes. Default 100
  --url <url>           a PostgreSQL server to use; a database of its own is made there and dropped. Default: DATABASE_URL,
                        else a server is started for the run
  --verbose             what the bot logs, to stderr
  --help                this text

Progress goes to stderr. The last line on stdout is one JSON object:

  engine          as asked for
  messages        as asked for
  distinct        messages that people wrote, and the provider delivered
  replies         replies that the provider holds
  lost            messages without a reply
  doubled         replies beyond the first to the same message
  misordered      replies that came after the reply to a later message of the conversation
  kills           processes ended by SIGKILL
  recoveryMsMax   the longest time from a kill until what the killed process had in its hands went on elsewhere, in milliseconds:
                  for each conversation whose oldest unanswered message was last touched by it (its turn, or the sending of its
                  reply, had begun there), until another process begins a turn, a send or a look-up in that conversation, or
                  the reply is there
  webhooks        that were delivered and answered with 200: each message one to three times
  strays          messages of the bot that are no reply and no reminder, such as those of a try that had failed or been given up
  counterErrors   sessions, and counts named in replies, that are not exactly the number of messages
  reminderErrors  reminders, promised by a turn for later or by a timer, that came never, twice or unasked
  stepErrors      results of a step that changed when the turn was tried again
  unknown         sends that ended without anybody knowing whether they happened
  deadLetters     given up for good
  leftOver        events, effects and timers still stored as pending at the end
  undelivered     webhooks that no process answered with 200
  overLimit       requests that the provider refused because the account sent more than its limit
  impatient       requests in a conversation sent before the time that a 429 had asked for
  crashes         processes that ended without being killed, or did not end when asked to
  cutShort        turns that were under way when a process ended that had been asked to
  cuts            times that a process was cut off from the database
  restarts        processes that were asked to end, did, and were started again
  seconds         of the whole run

The exit code is 0 only if lost, doubled, misordered, and all from strays to cutShort are 0.`;

/** @throws with a sentence that names the option */
export function readOptions(args: string[]): TortureOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      engine: { type: 'string' },
      messages: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      conversations: { type: 'string', default: '200' },
      processes: { type: 'string' },
      'kill-every-ms': { type: 'string', default: '3000' },
      'no-kills': { type: 'boolean', default: false },
      'cut-every-ms': { type: 'string', default: '15000' },
      rate: { type: 'string', default: '100' },
      url: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const engine = Object.keys(ENGINES).find((name) => name === values.engine) as EngineName | undefined;
  if (engine === undefined) throw new Error(`--engine: expected one of ${Object.keys(ENGINES).join(', ')}`);
  const { durable, processes } = ENGINES[engine];
  const number = (
    name: 'messages' | 'seed' | 'conversations' | 'processes' | 'kill-every-ms' | 'cut-every-ms' | 'rate',
    least: number,
  ) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least)
      throw new Error(`--${name}: expected a whole number from ${least}`);
    return value;
  };
  values.processes ??= String(processes);
  const options: TortureOptions = {
    engine,
    messages: number('messages', 1),
    seed: number('seed', 0),
    conversations: number('conversations', 1),
    processes: number('processes', 1),
    killEveryMs: values['no-kills'] ? 0 : number('kill-every-ms', 100),
    cutEveryMs: number('cut-every-ms', 0),
    rate: number('rate', 1),
    url: values.url ?? process.env.DATABASE_URL,
    verbose: values.verbose,
  };
  if (processes === 1 && options.processes > 1)
    throw new Error(`--processes: the engine "${engine}" is for one process`);
  if (!durable && options.killEveryMs > 0)
    throw new Error(`--engine ${engine}: forgets everything when its process ends: add --no-kills`);
  return options;
}
