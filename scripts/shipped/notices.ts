import type { InstalledPackage } from './licences.ts';

/** A program in the same package that is not ours and has a licence of its own. */
export type BundledProgram = { name: string; version: string; text: string };

const rule = '-'.repeat(78);

/** The texts that the licences of shipped packages ask for: each text once, below the packages that it is of. */
export function formatNotices(
  packages: readonly InstalledPackage[],
  programs: readonly BundledProgram[] = [],
): string {
  const byText = new Map<string, string[]>();
  for (const { licence, name, texts, version } of packages) {
    const text = texts.join('\n\n');
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const sections = [...byText]
    .map(([text, names]) => ({ names: [...new Set(names)].sort(), text }))
    .sort((a, b) => ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1));
  return [
    'Third-party software in Sallyport\n',
    `Sallyport contains ${packages.length} packages of others. Their licences ask for these notices.\n`,
    ...sections.map(({ names, text }) => `${rule}\n${names.join('\n')}\n\n${text}\n`),
    ...programs.map(({ name, text, version }) => `${rule}\n${name} ${version}\n\n${text}\n`),
  ].join('\n');
}
