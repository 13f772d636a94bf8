import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Page } from './page.js';

/** Links to files and headings of this repository that are not there. Links to other places are not followed. */
export function deadLinks(root: string, pages: readonly Page[]): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return pages.flatMap((page) =>
    page.links
      .filter(({ url }) => !/^[a-z]+:/i.test(url) && !isAlive(root, byPath, page, url))
      .map(({ url, line }) => `${page.path}:${line}: ${url}`),
  );
}

function isAlive(root: string, pages: ReadonlyMap<string, Page>, from: Page, url: string): boolean {
  const [file = '', anchor] = url.split('#');
  const path = file === '' ? from.path : normalize(join(dirname(from.path), decodeURIComponent(file)));
  const target = pages.get(path);
  if (target === undefined || anchor === undefined) return existsSync(join(root, path));
  return target.anchors.has(anchor);
}
