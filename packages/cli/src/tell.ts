/** Says something beside what the command is asked for. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
