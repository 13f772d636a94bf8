/** The switches an emulator has, and what each may be. */
export interface SwitchTable<T extends object> {
  readonly standard: Readonly<T>;
  readonly choices: { readonly [K in keyof T]?: readonly T[K][] };
  /** Numbers that are not from 0 to anything. */
  readonly ranges?: { readonly [K in keyof T]?: { from?: number; to?: number } };
}

/** Checks a switch by name; throws a TypeError that names it and what was expected. */
export function assignSwitch<T extends object>(
  { standard, choices, ranges = {} }: SwitchTable<T>,
  switches: T,
  name: string,
  value: unknown,
): void {
  if (!Object.hasOwn(standard, name)) {
    throw new TypeError(`unknown switch "${name}"; known: ${Object.keys(standard).join(', ')}`);
  }
  const key = name as keyof T;
  const allowed: readonly unknown[] | undefined = choices[key];
  const type = typeof standard[key];
  const { from = 0, to = Number.POSITIVE_INFINITY } = ranges[key] ?? {};
  const fits =
    allowed?.includes(value) ??
    (typeof value === type && (typeof value !== 'number' || (value >= from && value <= to)));
  if (!fits) {
    const number = `number from ${from}${Number.isFinite(to) ? ` to ${to}` : ''}`;
    throw new TypeError(
      `switch "${name}": expected ${allowed?.join(' or ') ?? (type === 'number' ? number : type)}`,
    );
  }
  Object.assign(switches, { [name]: value });
}

export function switchesFrom<T extends object>(table: SwitchTable<T>, given: Partial<T>): T {
  const switches: T = { ...table.standard };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) assignSwitch(table, switches, name, value);
  }
  return switches;
}
