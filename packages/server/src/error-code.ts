/** The code of an error: Node's (`ENOENT`), or ours. */
export function codeOf(error: unknown): string | undefined {
  // Not `instanceof Error`: a test runner's sandbox has an Error of its own.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return String(error.code);
}
