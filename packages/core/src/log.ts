/**
 * What Parley asks of a logger: the four level methods that pino, winston and console have in common.
 *
 * Fields hold ids, counts, codes and durations; never a token, a secret, an address or a message's text.
 */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export type LogFields = Record<string, string | number | boolean | undefined>;

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Warnings and errors to stderr, one JSON object a line. The default. */
export const stderrLog: Log = {
  debug() {},
  info() {},
  warn: (fields, message) => writeLine('warn', fields, message),
  error: (fields, message) => writeLine('error', fields, message),
};

function writeLine(level: string, fields: LogFields, message: string): void {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`);
}
