/** Prints what a check has found, one line each, and ends with 1; or says in one line what was checked. */
export function report(problems: readonly string[], checked: string): void {
  if (problems.length === 0) {
    console.log(checked);
    return;
  }
  for (const problem of problems) console.error(problem);
  console.error(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  process.exitCode = 1;
}
