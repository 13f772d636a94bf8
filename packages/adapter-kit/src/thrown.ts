// `instanceof Error` is false for errors of another realm: node's own, seen from a test runner's sandbox.

/** The `code` of whatever was thrown. */
export function codeOfThrown(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whatever was thrown, as an error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const isError = Object.prototype.toString.call(thrown) === '[object Error]';
  return isError ? (thrown as Error) : new Error(String(thrown));
}
