import { z } from 'zod';
import { errorCodeSchema, type ErrorCode } from '../../errorCodes.ts';
import { selectionSchema } from './selection.ts';

/** Kinds of invoice lines. */
const invoiceLineKindSchema = z.enum([
  'flat',
  'perUnit',
  'graduated',
  'volume',
  'package',
  'included',
  'minimum',
  'waived',
  'notBilled',
  'rounding',
]);

/** An amount as exact text with the currency's digits, or why it can't be computed. Never 0 in place of an unknown amount. */
export const amountSchema = z.discriminatedUnion('known', [
  z.object({ known: z.literal(true), value: z.string().regex(/^-?\d+(?:\.\d+)?$/u) }),
  z.object({ known: z.literal(false), code: errorCodeSchema, reason: z.string() }),
]);
export type Amount = z.infer<typeof amountSchema>;

export const unknownAmount = (code: ErrorCode, reason: string): Amount => ({ known: false, code, reason });

/** `days` of `of` days of the month are charged. */
const shareSchema = z.object({ days: z.int(), of: z.int() });

export const invoiceLineSchema = z.object({
  /** The same from month to month, e.g. `users/smb/tier-2`. */
  key: z.string(),
  /** Null for lines that no line of the plan makes. */
  planLine: z.string().nullable(),
  connector: z.string().nullable(),
  kind: invoiceLineKindSchema,
  label: z.string(),
  /** What the unit price is multiplied by: units, or packages of them. Null if it is not known. */
  quantity: z.int().nullable(),
  unitPrice: z.string().nullable(),
  /** Counted units behind the line. */
  units: z.int().nullable(),
  /** The count in the other unit, accounts or distinct end users, if it differs. For the whole plan line. */
  alternative: z.object({ unit: z.enum(['account', 'endUser']), count: z.int() }).nullable(),
  /** Null if the whole month is charged. */
  share: shareSchema.nullable(),
  amount: amountSchema,
  /** Why these accounts count, as a sentence. */
  reason: z.string(),
  /** The accounts behind the line, for a page that lists them. */
  selection: selectionSchema.nullable(),
});
export type InvoiceLine = z.infer<typeof invoiceLineSchema>;

/** The preview of one appliance's invoice for one month. The amounts of the lines add up to the total. */
export const invoiceSchema = z.object({
  applianceId: z.string(),
  month: z.string(),
  /** When the counts were taken. */
  takenAt: z.string(),
  plan: z.object({ id: z.string(), label: z.string() }),
  currency: z.string(),
  digits: z.int(),
  /** The rounding rule as a sentence. */
  rounding: z.string(),
  lines: z.array(invoiceLineSchema),
  total: amountSchema,
  /** Accounts that the report names in plain text; null if the counts are cut short. */
  plainTextAccounts: z.int().nullable(),
  /** Whether the counts assume changes that the appliance has not made. */
  isWhatIf: z.boolean(),
});
export type Invoice = z.infer<typeof invoiceSchema>;

/** A number for people, with commas: `−4,400.00`. */
export function formatDecimal(value: string): string {
  const [whole = '', fraction] = value.replace('-', '').split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  return `${value.startsWith('-') ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** An amount for people, with its currency and commas: `EUR 4,400.00`. */
export function formatMoney(value: string, currency: string): string {
  return `${value.startsWith('-') ? '−' : ''}${currency} ${formatDecimal(value.replace('-', ''))}`;
}
