/** Where a value is not plain JSON, by path; empty if it is. Also for values of another realm (a worker, a test's sandbox). */
export function notPlainJson(value: unknown, path = 'value'): string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: not a number that JSON has`];
  if (Array.isArray(value)) return value.flatMap((item, index) => notPlainJson(item, `${path}[${index}]`));
  if (typeof value !== 'object') return [`${path}: ${typeof value}`];
  const prototype: unknown = Object.getPrototypeOf(value);
  // The prototype of a plain object is the end of its chain, whichever realm it comes from.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return [`${path}: an object of a class`];
  return Object.entries(value).flatMap(([key, item]) => notPlainJson(item, `${path}.${key}`));
}
