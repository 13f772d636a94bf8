import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';

/** One place where a file names a module: an import, a re-export, `import()`, or `import('x').Y` in a type. */
export interface ModuleReference {
  module: string;
  line: number;
}

/** Reads a file and lists every module that it names. Throws on a syntax error. */
export function importsOf(path: string): ModuleReference[] {
  return importsIn(path, readFileSync(path, 'utf8'));
}

/** The same for a text; `path` decides the language. */
export function importsIn(path: string, text: string): ModuleReference[] {
  const parsed = parseSync(path, text, path.endsWith('.d.ts') ? { lang: 'dts' } : {});
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);

  const found: ModuleReference[] = [];
  const add = (source: { value: string; start: number } | null): void => {
    if (source !== null)
      found.push({ module: source.value, line: text.slice(0, source.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string')
        add({ ...source, value: source.value });
    },
    TSImportEqualsDeclaration({ moduleReference }) {
      if (moduleReference.type === 'TSExternalModuleReference') add(moduleReference.expression);
    },
  }).visit(parsed.program);
  return found;
}

/** The package that a bare module name belongs to: `fp-ts/lib/Either.js` is `fp-ts`, `@scope/a/b` is `@scope/a`. */
export function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');
}

export function isRelative(module: string): boolean {
  return module.startsWith('./') || module.startsWith('../') || module === '.' || module === '..';
}
