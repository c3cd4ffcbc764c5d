import { z } from 'zod';
import { applianceFieldSchema, applianceInputSchema } from './applianceEntry.ts';

/** Maximum number of appliances in one import **[ours]**. */
export const maxImportedAppliances = 500;

/**
 * An appliance of an import. It is compared with the entry of the same name, or else with the entry of the
 * same address.
 */
export const importRowSchema = z.object({
  /** File and line, shown to users. */
  place: z.string(),
  name: z.string(),
  state: z.enum(['new', 'changed', 'same', 'invalid']),
  /** The inventory entry with the same name or address. */
  existing: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** The fields that the import would change in the existing entry. */
  changes: z.array(applianceFieldSchema),
  /** The entry after the import. Null if the appliance can't be imported. */
  appliance: applianceInputSchema.nullable(),
  /** Why the appliance can't be imported, as sentences without a full stop. */
  problems: z.array(z.string()),
});
export type ImportRow = z.infer<typeof importRowSchema>;

export const importPreviewSchema = z.object({
  rows: z.array(importRowSchema).max(maxImportedAppliances),
  /** Parts of the file that the console doesn't understand, as sentences. */
  problems: z.array(z.string()).max(200),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;

/** If `text` is null, the console reads ~/.ssh/config on its own computer. */
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
