import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';

/** One place where a file names a module: an import, a re-export, `import()`, or `import('x').Y` in a type. */
export interface ModuleReference {
  module: string;
  line: number;
  /** The names it takes from the module, or `*` if it may take any. */
  names: readonly string[] | '*';
  /** For `export … from`: the names it is exported under, by the module's name for them; `*` passes all on. */
  exports?: Readonly<Record<string, string>> | '*';
}

/** Reads a file and lists every module that it names. Throws on a syntax error. */
export function importsOf(path: string): ModuleReference[] {
  return importsIn(path, readFileSync(path, 'utf8'));
}

/** The same for a text; `path` decides the language. */
export function importsIn(path: string, text: string): ModuleReference[] {
  const parsed = parseSync(path, text, { lang: path.endsWith('.d.ts') ? 'dts' : undefined });
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);

  const found: ModuleReference[] = [];
  const add = (offset: number, reference: Omit<ModuleReference, 'line'>): void => {
    found.push({ line: text.slice(0, offset).split('\n').length, ...reference });
  };
  new Visitor({
    ImportDeclaration(node) {
      const named = node.specifiers.map((item) =>
        item.type === 'ImportSpecifier'
          ? nameOf(item.imported)
          : item.type === 'ImportDefaultSpecifier'
            ? 'default'
            : '*',
      );
      add(node.start, { module: node.source.value, names: named.includes('*') ? '*' : named });
    },
    ExportNamedDeclaration(node) {
      if (node.source === null) return;
      const pairs = node.specifiers.map((item) => [nameOf(item.local), nameOf(item.exported)] as const);
      add(node.start, {
        module: node.source.value,
        names: pairs.map(([local]) => local),
        exports: Object.fromEntries(pairs),
      });
    },
    ExportAllDeclaration(node) {
      const exports = node.exported === null ? ('*' as const) : { '*': nameOf(node.exported) };
      add(node.start, { module: node.source.value, names: '*', exports });
    },
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        add(node.start, { module: node.source.value, names: '*' });
    },
    TSImportType(node) {
      add(node.start, { module: node.source.value, names: '*' });
    },
    TSImportEqualsDeclaration(node) {
      if (node.moduleReference.type === 'TSExternalModuleReference')
        add(node.start, { module: node.moduleReference.expression.value, names: '*' });
    },
  }).visit(parsed.program);
  return found;
}

function nameOf(name: { type: string; name?: string; value?: unknown }): string {
  return name.type === 'Literal' ? String(name.value) : String(name.name);
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
