/** What we read of jest's `--json` result. */
export interface JestResult {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that could not be run at all. */
  numRuntimeErrorTestSuites: number;
}

export interface Summary {
  /** To be printed as they are. The last one is `N passed, N failed`, unless it would look like a success and is none. */
  lines: string[];
  ok: boolean;
}

/**
 * The closing lines of a test run, by jest's own counts. A file that cannot be run counts as one failure. `trouble`: what
 * went wrong with the run itself.
 */
export function summarize(result: JestResult, trouble?: string): Summary {
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const lines = [`${passed} passed, ${failed} failed`];
  if (skipped > 0) lines.unshift(`${skipped} skipped`);
  const reason = trouble ?? reasonIn(result, passed + failed);
  if (reason !== undefined) lines.push(`FAILED: ${reason}`);
  return { lines, ok: failed === 0 && reason === undefined };
}

function reasonIn(result: JestResult, ran: number): string | undefined {
  if (ran === 0) return 'no test ran';
  const failures = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return !result.success && failures === 0
    ? 'jest reports a failure outside of any test, see above'
    : undefined;
}
