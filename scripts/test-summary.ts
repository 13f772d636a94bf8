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
  /** To be printed as they are; the last one is `N passed, N failed`. */
  lines: string[];
  ok: boolean;
}

/** The closing lines of a test run, by jest's own counts. A file that cannot be run counts as one failure. */
export function summarize(result: JestResult): Summary {
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const lines = [`${passed} passed, ${failed} failed`];
  if (passed + failed === 0) lines.unshift('no test ran');
  if (skipped > 0) lines.unshift(`${skipped} skipped`);
  if (!result.success && failed === 0) lines.unshift('jest reports a failure outside of any test: see above');
  return { lines, ok: result.success && failed === 0 && passed > 0 };
}
