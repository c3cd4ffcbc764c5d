import { z } from 'zod';
import { lookAlikeError } from '../../base/lookAlikes.ts';
import { isPlainLine, visibleText } from '../../base/machineText.ts';
import { instantSchema } from '../../base/time.ts';

const maxLine = 200;
const maxText = 4_000;

const lineSchema = z
  .string()
  .trim()
  .max(maxLine)
  .refine(isPlainLine, lookAlikeError('one line without invisible characters'))
  .default('');
const addressPattern = /^[^\s@<>()[\]\\,;:"?&%#]+@[^\s@<>()[\]\\,;:"?&%#]+$/u;

/** Whether a text is a single plain e-mail address. Its host needs no dot, because some networks use none. */
export function isEmailAddress(text: string): boolean {
  return addressPattern.test(text);
}

/** Text of several lines, without control or hidden characters. */
const textSchema = z
  .string()
  .max(maxText)
  .refine((text) => visibleText(text) === text, lookAlikeError('text without invisible characters'))
  .default('');

/**
 * Whom to call about a tenant, and free notes. Stored by the console only; the appliance never gets them
 * **[ours]**.
 */
export const tenantNoteSchema = z.strictObject({
  contactName: lineSchema,
  email: lineSchema.refine(
    (text) => text === '' || isEmailAddress(text),
    lookAlikeError('an e-mail address'),
  ),
  phone: lineSchema,
  contactText: textSchema,
  note: textSchema,
});
export type TenantNote = z.infer<typeof tenantNoteSchema>;
export const tenantNoteFields = tenantNoteSchema.keyof().options;
export const emptyTenantNote: TenantNote = tenantNoteSchema.parse({});

export const keptTenantNoteSchema = tenantNoteSchema.extend({
  // Saved notes may be older than the rule for addresses.
  email: lineSchema,
  changedAt: instantSchema,
  changedBy: z.string().max(128),
});
export type KeptTenantNote = z.infer<typeof keptTenantNoteSchema>;
