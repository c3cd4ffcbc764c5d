import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';

/** What the audit trail records of a command for usage. */
export const actionOf = (entry: ApplianceEntry, argv: readonly string[], detail: string) => ({
  object: entry.name,
  destination: hopNameOf(entry.target),
  command: quoteArgv(argv),
  detail,
});
