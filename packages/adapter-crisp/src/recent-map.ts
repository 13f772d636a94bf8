/** Values by key, of which the oldest are forgotten: as many as `most` are kept for certain, and at most twice as many. */
export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  /** What is set again counts as new. */
  set(key: string, value: Value): void;
}

export function createRecentMap<Value>(most: number): RecentMap<Value> {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();
  return {
    get: (key) => recent.get(key) ?? older.get(key),
    set: (key, value) => {
      if (recent.size >= most) [older, recent] = [recent, new Map<string, Value>()];
      recent.set(key, value);
    },
  };
}
