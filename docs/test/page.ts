import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import GithubSlugger from 'github-slugger';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as textOf } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';

/** One Markdown file, as far as its examples and links are concerned. */
export interface Page {
  /** From the root of the repository: `docs/errors.md`. */
  path: string;
  blocks: Block[];
  links: Link[];
  /** What `#anchor` may name here. */
  anchors: ReadonlySet<string>;
}

export interface Block {
  language: string;
  /** The words after the language: `run`, `continue`. */
  marks: readonly string[];
  code: string;
  /** Line of the first line of code. */
  line: number;
}

export interface Link {
  url: string;
  line: number;
}

export function readPage(root: string, absolutePath: string): Page {
  return parsePage(relative(root, absolutePath), readFileSync(absolutePath, 'utf8'));
}

export function parsePage(path: string, markdown: string): Page {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  visit(fromMarkdown(markdown), (node) => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'heading') anchors.add(slugger.slug(textOf(node)));
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      links.push({ url: node.url, line });
    if (node.type === 'code')
      blocks.push({
        language: node.lang ?? '',
        marks: node.meta?.split(/\s+/) ?? [],
        code: node.value,
        line: line + 1,
      });
  });
  return { path, blocks, links, anchors };
}
