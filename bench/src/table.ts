import type { Measured } from './result.js';

/** One object a line. */
export function toJsonLine(measured: Measured): string {
  return JSON.stringify(measured);
}

const COLUMNS = ['name', 'floor', 'ours', 'unit', 'ratio', 'budget', ''];
/** Columns of numbers end under each other. */
const RIGHT = new Set(['floor', 'ours', 'ratio']);

/** A table for a terminal, notes below their line. */
export function toTable(lines: readonly Measured[]): string {
  const rows = lines.map(({ name, floor, ours, unit, ratio, budget, rule, met }) => [
    name,
    figure(floor),
    figure(ours),
    unit,
    `${ratio.toFixed(2)}x`,
    budget === undefined || rule === undefined ? '' : inWords(rule, budget),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return RIGHT.has(COLUMNS[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const body = rows.flatMap((row, index) => {
    const note = lines[index]?.note;
    return note === undefined ? [line(row)] : [line(row), `  ${note}`];
  });
  return [line(COLUMNS), line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

function inWords(rule: NonNullable<Measured['rule']>, budget: number): string {
  switch (rule) {
    case 'ratio <= budget':
      return `at most ${budget}x`;
    case 'ratio >= budget':
      return `at least ${budget}x`;
    case 'ours <= budget':
      return `at most ${figure(budget)}`;
    case 'ours >= budget':
      return `at least ${figure(budget)}`;
  }
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
