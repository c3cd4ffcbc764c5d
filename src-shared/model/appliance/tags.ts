import { z } from 'zod';
import { isPlainLine } from '../../base/machineText.ts';

const maxTags = 16;

/** A free word or two for finding appliances. Commas and semicolons separate tags in lists. */
const tagSchema = z
  .string()
  .trim()
  .min(1)
  .max(32)
  .refine(
    (tag) => isPlainLine(tag) && !/[,;]/u.test(tag),
    'a tag is plain text without a comma or a semicolon',
  );

/** Spellings that differ only in case are one tag; the first spelling is kept. */
export function uniqueTags(tags: readonly string[]): string[] {
  const spellings = new Map<string, string>();
  for (const tag of tags) {
    const word = tag.toLowerCase();
    if (!spellings.has(word)) spellings.set(word, tag);
  }
  return [...spellings.values()];
}

export const tagsSchema = z.array(tagSchema).max(maxTags).overwrite(uniqueTags);

export function hasTag(tags: readonly string[], wanted: string): boolean {
  return tags.some((tag) => tag.toLowerCase() === wanted.trim().toLowerCase());
}

/** Colour that marks an appliance on the page. */
export const colourSchema = z.enum(['none', 'red', 'amber', 'green', 'blue', 'violet', 'grey']);

/** `mark` stands beside the colour: a colour alone means nothing. Red is meant for production **[ours]**. */
export const applianceColours: Readonly<
  Record<z.infer<typeof colourSchema>, { label: string; mark: string | null }>
> = {
  none: { label: 'None', mark: null },
  red: { label: 'Red (production)', mark: 'production' },
  amber: { label: 'Amber', mark: 'amber' },
  green: { label: 'Green', mark: 'green' },
  blue: { label: 'Blue', mark: 'blue' },
  violet: { label: 'Violet', mark: 'violet' },
  grey: { label: 'Grey', mark: 'grey' },
};
