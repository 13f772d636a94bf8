/** Rows of texts, in columns as wide as they need to be; the last one is not filled up. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0))),
    )
    .map((row) => `${row.join('  ')}\n`)
    .join('');
}
