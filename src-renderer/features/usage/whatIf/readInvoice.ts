import { decodeText } from '../../../../src-shared/base/textEncoding.ts';
import { completeMapping, suggestMapping } from '../../../../src-shared/model/billing/suggestMapping.ts';
import { maxVendorBytes, type ColumnMapping } from '../../../../src-shared/model/billing/vendorInvoice.ts';

/** A file that the operator chose, and what its first lines say about its columns. */
export type ChosenInvoice = { name: string; text: string; columnNames: string[] };
/** A mapping that may still miss something. */
export type DraftMapping = {
  columns: Record<keyof ColumnMapping['columns'], string | null>;
  decimalSeparator: ColumnMapping['decimalSeparator'] | null;
  /** The currency of signs that several currencies share, such as `$`. Empty if it is not named. */
  signCurrency: string;
  lines: ColumnMapping['lines'];
};

const sharedSigns = ['$', '£', '¥'];

/** The mapping that the draft makes; null while it misses something. */
export function finishMapping({ columns, decimalSeparator, signCurrency, lines }: DraftMapping) {
  const signs =
    signCurrency === '' ? {} : Object.fromEntries(sharedSigns.map((sign) => [sign, signCurrency]));
  return completeMapping({ columns, decimalSeparator }, { signs, lines });
}

/** Reads a file of a vendor in the page. Resolves with the reason if it is no table. */
export async function readInvoiceFile(
  file: File,
): Promise<{ problem: string } | { problem: null; invoice: ChosenInvoice; draft: DraftMapping }> {
  if (file.size > maxVendorBytes) return { problem: `${file.name} is larger than 1 MB.` };
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) return { problem: `${file.name} can’t be read.` };
  const text = decodeText(new Uint8Array(bytes));
  const suggested = suggestMapping(text);
  if (suggested.problem !== null) return { problem: suggested.problem };
  const { names, columns, decimalSeparator } = suggested;
  return {
    problem: null,
    invoice: { name: file.name, text, columnNames: names },
    draft: { columns, decimalSeparator, signCurrency: '', lines: {} },
  };
}
