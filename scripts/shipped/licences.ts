import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The licences that a shipped package may have, with their SPDX names. Each was read and allows what we do. */
const knownLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'OFL-1.1',
  'Unlicense',
]);

/** Packages whose archive has no licence file, and a package with the text that applies to them. */
const textsElsewhere: Readonly<Record<string, { licence: string; textOf: string }>> = {
  postgres: { licence: 'Unlicense', textOf: 'tweetnacl' },
  // Of the same author as the package with the text.
  'react-remove-scroll-bar': { licence: 'MIT', textOf: 'react-remove-scroll' },
};

const packageFileSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  // An old form.
  licenses: z.array(z.object({ type: z.string() })).optional(),
  author: z.union([z.string(), z.looseObject({ name: z.string() })]).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** A package as it is installed in `folder`. */
export type InstalledPackage = {
  folder: string;
  name: string;
  version: string;
  /** An SPDX name or expression. */
  licence: string;
  /** The licence files, and notices beside them. */
  texts: readonly string[];
};

function listTexts(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/iu.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .filter((text) => text !== '');
}

/** Whether every name in an SPDX expression is a known licence. */
function isKnown(expression: string): boolean {
  const names = expression.replace(/[()]/gu, '').split(/\s+(?:AND|OR)\s+/u);
  return names.every((name) => knownLicences.has(name));
}

/**
 * Reads an installed package below `root`. Throws an error with its name if it has an unknown licence or no text of it,
 * because it may not be shipped then.
 */
export function readPackage(root: string, folder: string): InstalledPackage {
  const file: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const { name, version, license, licenses } = packageFileSchema.parse(file);
  const licence = license ?? licenses?.map(({ type }) => type).join(' OR ') ?? '';
  if (!isKnown(licence))
    throw new Error(
      `${name} ${version} has ${licence === '' ? 'no licence' : `the unknown licence ${JSON.stringify(licence)}`}. Read it before it is shipped, and add it to scripts/shipped/licences.ts.`,
    );
  const own = listTexts(join(root, folder));
  const elsewhere = textsElsewhere[name];
  const texts =
    own.length === 0 && elsewhere?.licence === licence
      ? listTexts(join(root, 'node_modules', elsewhere.textOf))
      : own;
  if (texts.length === 0)
    throw new Error(
      `${name} ${version} has no licence file. Find its text, and name it in scripts/shipped/licences.ts.`,
    );
  return { folder, name, version, licence, texts };
}
