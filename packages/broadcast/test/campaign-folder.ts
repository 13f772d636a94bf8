import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with a campaign file and its data. */
export interface CampaignFolder {
  /** Returns the file's whole name. */
  write(name: string, ...lines: string[]): string;
  remove(): void;
}

export function campaignFolder(): CampaignFolder {
  const folder = mkdtempSync(join(tmpdir(), 'parley-broadcast-'));
  return {
    write(name, ...lines) {
      const file = join(folder, name);
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
