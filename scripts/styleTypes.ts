import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file declares the classes of every style module, so that using a missing class is a type error. */
export const typesFile = 'src-renderer/styles.d.ts';

export function styleModules(): string[] {
  return globSync('src-renderer/**/*.module.css').sort();
}

/** The class names that a style module defines, each once. */
export function listClasses(css: string): string[] {
  const selectors = css
    .replaceAll(/\/\*[\s\S]*?\*\/|:global\([^)]*\)/gu, '')
    .split(/[{};]/u)
    .filter((part) => !part.includes(': ') && !part.trim().startsWith('@'));
  const names = selectors.flatMap((part) =>
    [...part.matchAll(/\.([a-zA-Z]\w*)/gu)].map(([, name = '']) => name),
  );
  return [...new Set(names)].sort();
}

/** Returns the content of `typesFile` for the current style modules. */
export function declareStyles(): string {
  const modules = styleModules().map((path) => {
    const classes = listClasses(readFileSync(path, 'utf8')).map((name) => `    readonly ${name}: string;\n`);
    return `declare module '*/${basename(path)}' {\n  const styles: {\n${classes.join('')}  };\n  export default styles;\n}\n`;
  });
  return `// Made by \`npm run style-types\` from the style modules.\n${modules.join('')}declare module '*.css';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(typesFile, declareStyles());
