import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenPair, TokenStore } from '@parley/core';
import { memoryTokenStore, ParleyError } from '@parley/core';
import { codeOfThrown } from './thrown.js';

export interface FileTokenStoreOptions {
  /** A lock whose holder has not been heard of for so long is taken over. Default 30,000; at least 2,000. */
  staleMs?: number;
}

/**
 * Tokens in a folder, one file per key, shared by the processes of one machine. The folder is made if it is missing; nobody
 * but its owner may read it.
 *
 * A file is replaced whole or not at all. The locks are proper-lockfile's, which refreshes them while they are held: a
 * holder that was killed blocks the others for `staleMs`.
 */
export function fileTokenStore(folder: string, options: FileTokenStoreOptions = {}): TokenStore {
  const { staleMs = 30_000 } = options;
  // Waiting in line within this process is cheaper than asking the file system.
  const line = memoryTokenStore();
  const pathOf = (key: string): string => join(folder, fileName(key));
  return {
    get: (key) => readPair(pathOf(key)),
    set: async (key, pair) => {
      await makeFolder(folder);
      await replaceFile(pathOf(key), JSON.stringify(pair));
    },
    delete: (key) => rm(pathOf(key), { force: true }),
    withLock: (key, work) =>
      line.withLock(key, async () => {
        await makeFolder(folder);
        const release = await lock(pathOf(key), staleMs);
        try {
          return await work();
        } finally {
          // A lock that somebody took over is no longer ours to give back.
          await release().catch(() => {});
        }
      }),
  };
}

/** Readable where it can be, different where it must be. */
function fileName(key: string): string {
  const readable = key.replaceAll(/[^\w-]+/g, '_').slice(0, 60);
  return `${readable}.${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function readPair(path: string): Promise<TokenPair | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOfThrown(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as TokenPair;
  } catch {
    throw new ParleyError('ERR_UNAVAILABLE', `The token store's file ${path} is damaged: delete it`);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function lock(path: string, staleMs: number): Promise<() => Promise<void>> {
  // Loaded at its first use: it hooks into the process' signals when it is.
  const { default: lockfile } = await import('proper-lockfile');
  return lockfile.lock(path, {
    realpath: false,
    stale: staleMs,
    update: Math.max(1_000, Math.floor(staleMs / 4)),
    retries: { forever: true, minTimeout: 20, maxTimeout: 250, factor: 1.5, randomize: true },
    // The default throws where nobody can catch. The holder works on; at worst a pair is renewed twice.
    onCompromised: () => {},
  });
}
