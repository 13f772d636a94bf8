/** Lets a test run TypeScript sources as they are, in a process of its own: `node --import scripts/on-sources.ts x.ts`. */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const PACKAGES = new URL('../packages/', import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const [, own, part = 'index'] = /^@parley\/([a-z0-9-]+)(?:\/([a-z0-9-]+))?$/.exec(specifier) ?? [];
    if (own !== undefined) return next(new URL(`${own}/src/${part}.ts`, PACKAGES).href, context);
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
});
