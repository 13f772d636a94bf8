import { DEFAULT_SWITCHES, startWeb1on1, type Web1on1EmulatorOptions } from '@parley/emulators';
import { type ArgsDef, defineCommand } from 'citty';
import { kebab, refuseUnknown, wholeNumber } from './arguments.js';
import { whenNpxIsGone } from './launcher.js';
import { UsageError } from './usage-error.js';

const switchArgs: ArgsDef = Object.fromEntries(
  Object.entries(DEFAULT_SWITCHES).map(([name, value]) => {
    const description = `Switch; default ${value === undefined || String(value) === '' ? 'none' : String(value)}`;
    // A default here would hide whether it was given.
    return [kebab(name), { type: typeof value === 'boolean' ? 'boolean' : 'string', description } as const];
  }),
);

const args = {
  provider: { type: 'positional', description: 'web1on1', required: true },
  port: { type: 'string', description: '0 for any free one', default: '0' },
  host: { type: 'string', description: 'Address to listen on', default: '127.0.0.1' },
  secret: { type: 'string', description: 'Webhook secret; invented when absent' },
  organization: { type: 'string', description: 'Id of the organization (24 hex); invented when absent' },
  'bot-user': { type: 'string', description: 'Id of the bot (24 hex); invented when absent' },
  'rate-limit': {
    type: 'boolean',
    description: '20 requests a second; --no-rate-limit for none',
    default: true,
  },
  'journal-size': { type: 'string', description: 'Requests kept in the journal', default: '2000' },
  ...switchArgs,
} satisfies ArgsDef;

/** `parley emulate <provider>`: one line of JSON with the credentials, then it serves until a signal. */
export const emulate = defineCommand({
  meta: { name: 'emulate', description: 'A messaging provider on localhost, until SIGTERM or SIGINT' },
  args,
  async run({ args: given, rawArgs }) {
    if (given.provider !== 'web1on1') {
      throw new UsageError(`unknown provider "${given.provider}"; there is: web1on1`);
    }
    refuseUnknown(rawArgs, args);
    const stopped = untilSignal();
    const emulator = await start({
      port: wholeNumber('port', given.port, { to: 65_535 }),
      host: given.host,
      secret: given.secret,
      organization: objectId('organization', given.organization),
      botUser: objectId('bot-user', given['bot-user']),
      rateLimit: given['rate-limit'],
      journalSize: wholeNumber('journal-size', given['journal-size'], { to: 1_000_000 }),
      ...switchesOf(given),
    });
    process.stdout.write(`${JSON.stringify(emulator.credentials)}\n`);
    await stopped;
    await emulator.close();
  },
});

async function start(options: Web1on1EmulatorOptions) {
  try {
    return await startWeb1on1(options);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${options.port} is in use; choose another, or --port 0 for any free one`, {
        cause: error,
      });
    }
    throw error;
  }
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    whenNpxIsGone(resolve);
  });
}

function objectId(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{24}$/.test(text))
    throw new UsageError(`--${name} must be 24 hex characters`);
  return text;
}

function switchesOf(given: Record<string, unknown>): Partial<Web1on1EmulatorOptions> {
  const entries = Object.entries(DEFAULT_SWITCHES).flatMap(([name, standard]): [string, unknown][] => {
    const value = given[kebab(name)];
    if (value === undefined) return [];
    if (typeof standard === 'number') return [[name, Number(value)]];
    return [
      [name, Array.isArray(standard) && typeof value === 'string' ? value.split(',').map(Number) : value],
    ];
  });
  return Object.fromEntries(entries);
}
