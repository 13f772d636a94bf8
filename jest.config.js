/** Tests run the TypeScript sources, as native ES modules; nothing needs building first. */
export default {
  testMatch: ['<rootDir>/{packages/*,examples,bench,torture,docs,scripts}/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  // For a busy machine: no test waits for time to pass, so a green one is never this slow.
  testTimeout: 120_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^@parley/(examples|bench)$': '<rootDir>/$1/src/index.ts',
    '^@parley/([a-z0-9-]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^@parley/([a-z0-9-]+)/([a-z0-9-]+)$': '<rootDir>/packages/$1/src/$2.ts',
    // Not `data.json.js`, which some packages have.
    '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['/dist/'],
};
