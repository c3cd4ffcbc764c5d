import type { ConnectorChange } from '../../../src-shared/model/billing/connectorChanges.ts';
import { describeSelection, type Selection } from '../../../src-shared/model/billing/selection.ts';
import { nameMonth } from './months.ts';
import type { ShownRows } from './report/RowList.tsx';

/** Lists the accounts of a selection, or those of one connector that were connected in the month. */
export type ShowAccounts = (selection: Selection, cause: ConnectorChange | null) => void;

/** The rows of the report that a selection of an invoice line counts. */
export function shownAccounts(
  selection: Selection,
  { cause, month }: { cause: ConnectorChange | null; month: string | null },
): ShownRows {
  const { activity, role, internal } = selection;
  const connectors = cause === null ? selection.connectors : [cause.connector];
  const connectedSince = cause === null || month === null ? null : `${month}-01`;
  const accounts = describeSelection({ ...selection, unit: 'account', connectors });
  return {
    filter: { activity, role, internal, connectors, connectedSince },
    text:
      connectedSince === null || month === null ? accounts : `${accounts}, connected in ${nameMonth(month)}`,
  };
}
