import { z } from 'zod';
import { applianceFieldNames, applianceInputSchema } from './applianceEntry.ts';

/** Appliances that one import may hold **[ours]**. */
export const maxImported = 500;

/** One appliance of an import, compared with the inventory by its name and then by its address. */
export const importRowSchema = z.object({
  /** Where it stands, for people: file and line. */
  place: z.string(),
  name: z.string(),
  state: z.enum(['new', 'changed', 'same', 'invalid']),
  /** The entry that it is compared with. */
  existing: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Fields of the entry that would change. */
  changes: z.array(z.enum(applianceFieldNames)),
  /** What the entry would be; null if it can't be imported. */
  appliance: applianceInputSchema.nullable(),
  /** Why it can't be imported; sentences without an end. */
  problems: z.array(z.string()),
});
export type ImportRow = z.infer<typeof importRowSchema>;

export const importPreviewSchema = z.object({
  rows: z.array(importRowSchema).max(maxImported),
  /** What of the file was not understood. */
  problems: z.array(z.string()).max(200),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;

/** `text` null reads ~/.ssh/config where the console runs. */
export const importSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ssh-config'),
    text: z
      .string()
      .max(1024 ** 2)
      .nullable(),
  }),
  z.strictObject({ kind: z.literal('csv'), text: z.string().max(1024 ** 2) }),
]);
export type ImportSource = z.infer<typeof importSourceSchema>;
