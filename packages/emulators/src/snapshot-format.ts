/** What a snapshot says about itself. */
interface Format {
  provider?: string;
  /** Raised when the shape changes. */
  format: number;
}

/** @throws TypeError for a snapshot that another version or another provider made */
export function assertFormat(given: Format | undefined, own: Format): void {
  if (given === undefined || (given.provider === own.provider && given.format === own.format)) return;
  throw new TypeError(`snapshot: expected ${nameOf(own)}, got ${nameOf(given)}: start without it`);
}

function nameOf({ provider, format }: Format): string {
  return provider === undefined ? `format ${format}` : `${provider}, format ${format}`;
}

/**
 * A copy as plain JSON, which later changes do not reach. Maps, sets and columns of numbers are `{"$map"}`, `{"$set"}`, `{"$u8"}` and
 * `{"$f64"}`.
 */
export function toPlain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, toJson));
}

/** The other way: a copy, too. */
export function fromPlain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), fromJson);
}

function toJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  if (value instanceof Uint8Array) return { $u8: [...value] };
  if (value instanceof Float64Array) return { $f64: [...value] };
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map as [string, unknown][]);
  if ('$set' in value && Array.isArray(value.$set)) return new Set(value.$set);
  if ('$u8' in value && Array.isArray(value.$u8)) return Uint8Array.from(value.$u8);
  if ('$f64' in value && Array.isArray(value.$f64)) return Float64Array.from(value.$f64);
  return value;
}
