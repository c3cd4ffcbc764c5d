import { globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { listClasses, declareStyles, styleModules, typesFile } from './styleTypes.ts';

const sources = globSync('src-renderer/**/*.{ts,tsx}').filter(
  (path) => !/\.(?:test\.tsx?|d\.ts)$/u.test(path),
);

/** The class names that a source file uses from each style module. */
function stylesUsed(path: string) {
  const text = readFileSync(path, 'utf8');
  const imports = text.matchAll(/import (\w+) from '([^']+\.module\.css)';/gu);
  return [...imports].map(([, name = '', specifier = '']) => ({
    path,
    module: relative('.', resolve(dirname(path), specifier)),
    classes: [...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'gu'))].map(([, used = '']) => used),
  }));
}

const uses = sources.flatMap(stylesUsed);

test('when a style module changes, `npm run style-types` has declared its classes', () => {
  expect(readFileSync(typesFile, 'utf8')).toBe(declareStyles());
});

test('when classes are read from a style sheet, numbers, comments and global classes are left out', () => {
  const css = `@layer ui {
    /* .gone */
    .row > :global(.mantine-x):not(.wide) { margin: 0.5px; font: 11.5px var(--mono); }
    @media (max-width: 899px) { .row.wide { color: red; } }
  }`;
  expect(listClasses(css)).toEqual(['row', 'wide']);
});

test('when an element has a class, it comes from a style module, never from a string', () => {
  const classText =
    /\b[cC]lass(?:Name|Names|Name = )?\w*(?: ?=|: ) ?(?:"|'|\{+['"`][^$]|\{[^{}]*[?:] '[a-z])/u;
  expect(sources.filter((path) => classText.test(readFileSync(path, 'utf8')))).toEqual([]);
});

test('when a module has a class, a component uses it', () => {
  const unused = styleModules().flatMap((module) => {
    const used = new Set(uses.filter((use) => use.module === module).flatMap((use) => use.classes));
    return listClasses(readFileSync(module, 'utf8')).flatMap((name) =>
      used.has(name) ? [] : `${module} .${name}`,
    );
  });
  expect(unused).toEqual([]);
});

test('when a part of the page is styled, its styles are its own or those of ui', () => {
  const foreign = uses.flatMap(({ path, module }) =>
    module.startsWith('src-renderer/ui/') || dirname(path).startsWith(dirname(module))
      ? []
      : `${path} takes ${module}`,
  );
  expect(foreign).toEqual([]);
});

test('when a style sheet is global, it is the theme or the fonts', () => {
  const global = globSync('src-renderer/**/*.css').filter((path) => !path.endsWith('.module.css'));
  expect(global.sort()).toEqual(['src-renderer/ui/fonts.css', 'src-renderer/ui/theme.css']);
});
