/** A provider's session: what `Authorization` needs, and what renews it. */
export interface TokenPair {
  token: string;
  refreshToken?: string;
  /** ISO 8601, UTC, where known. */
  expiresAt?: string;
}

/**
 * Where an account's tokens live, so that they survive a restart and are shared by N processes.
 *
 * A new pair is handed over before its first use: whoever dies after that loses nothing.
 */
export interface TokenStore {
  get(key: string): Promise<TokenPair | undefined>;
  set(key: string, pair: TokenPair): Promise<void>;
  /** Forgets the pair, for example when the credentials were revoked. */
  delete(key: string): Promise<void>;
  /**
   * Runs `work` while nobody else who shares this store runs theirs for the same key. The lock ends with `work`, and at
   * the latest a minute after its holder died.
   */
  withLock<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** Tokens in this process only. */
export function memoryTokenStore(): TokenStore {
  const pairs = new Map<string, TokenPair>();
  const locks = new Map<string, Promise<unknown>>();
  return {
    get: async (key) => pairs.get(key),
    set: async (key, pair) => {
      pairs.set(key, pair);
    },
    delete: async (key) => {
      pairs.delete(key);
    },
    withLock: async (key, work) => {
      const previous = locks.get(key) ?? Promise.resolve();
      const mine = previous.then(work, work);
      const settled = mine.then(
        () => {},
        () => {},
      );
      locks.set(key, settled);
      try {
        return await mine;
      } finally {
        if (locks.get(key) === settled) locks.delete(key);
      }
    },
  };
}
