import { z } from 'zod';
import { lookAlikeError } from '../../base/lookAlikes.ts';
import { isPlainLine } from '../../base/machineText.ts';
import { colourNames } from './colourNames.ts';

const maxTags = 16;

/** One or two words by which users find appliances. In lists, commas or semicolons separate tags. */
const tagSchema = z
  .string()
  .trim()
  .min(1)
  .max(32)
  .refine(
    (tag) => isPlainLine(tag) && !/[,;]/u.test(tag),
    lookAlikeError('a tag must not contain commas, semicolons or invisible characters'),
  );

/** Removes tags that differ from an earlier tag only in upper and lower case. */
export function removeDuplicateTags(tags: readonly string[]): string[] {
  const spellings = new Map<string, string>();
  for (const tag of tags) {
    const word = tag.toLowerCase();
    if (!spellings.has(word)) spellings.set(word, tag);
  }
  return [...spellings.values()];
}

export const tagsSchema = z.array(tagSchema).max(maxTags).overwrite(removeDuplicateTags);

export function hasTag(tags: readonly string[], wanted: string): boolean {
  return tags.some((tag) => tag.toLowerCase() === wanted.trim().toLowerCase());
}

/** The colour that marks an appliance on the page. */
export const colourSchema = z.enum(colourNames);

/**
 * `mark` is shown next to the colour, because no information may depend on colour alone. Red is meant for
 * production **[ours]**, where a change of the configuration needs the appliance's name typed.
 */
export const applianceColours: Readonly<
  Record<z.infer<typeof colourSchema>, { label: string; mark: string | null; isProduction?: true }>
> = {
  none: { label: 'None', mark: null },
  red: { label: 'Red (production)', mark: 'production', isProduction: true },
  amber: { label: 'Amber', mark: 'amber' },
  green: { label: 'Green', mark: 'green' },
  blue: { label: 'Blue', mark: 'blue' },
  violet: { label: 'Violet', mark: 'violet' },
  grey: { label: 'Grey', mark: 'grey' },
};
