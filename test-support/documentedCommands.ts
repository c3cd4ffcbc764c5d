import { readFileSync } from 'node:fs';

/** A block of commands in a document, and where a reader runs it. */
export type DocumentedBlock = { place: 'computer' | 'appliance' | 'site'; commands: string };

/**
 * Returns the shell blocks in the section `heading` of a document. A text such as "On the appliance" before a
 * block sets its place; before the first such text it is `defaultPlace`. Throws if the section or a place is
 * missing.
 */
export function documentedBlocks(
  file: string,
  heading: string,
  defaultPlace: DocumentedBlock['place'] | null = null,
): DocumentedBlock[] {
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(`\n## ${heading}\n`);
  if (begin < 0) throw new Error(`${file} has no section "${heading}"`);
  const section = text.slice(begin + 1).split(/\n## /u, 2)[0] ?? '';
  const blocks: DocumentedBlock[] = [];
  let place = defaultPlace;
  for (const part of section.matchAll(
    /(?<computer>On your\s+computer)|(?<appliance>On the\s+appliance)|(?<site>At the tenant's\s+site)|```sh\n(?<commands>.*?)```/gsu,
  )) {
    const { computer, appliance, site, commands } = part.groups ?? {};
    if (computer !== undefined) place = 'computer';
    else if (appliance !== undefined) place = 'appliance';
    else if (site !== undefined) place = 'site';
    else if (commands !== undefined) {
      if (place === null) throw new Error(`${file} does not say where this is run: ${commands}`);
      blocks.push({ place, commands });
    }
  }
  return blocks;
}
