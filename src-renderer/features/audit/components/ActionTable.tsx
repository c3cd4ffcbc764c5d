import { useCallback } from 'react';
import type { AuditedAction } from '../../../../src-shared/model/audit/audit.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { DataTable } from '../../../ui/table/DataTable.tsx';
import { focusDetail } from '../../../ui/layout/Split.tsx';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { getActionKey, getActionLabel } from '../actions.ts';
import { auditColumns } from '../auditColumns.tsx';
import type { useAuditTrail } from '../queries.ts';
import card from '../../../ui/layout/Card.module.css';
import layout from '../../../ui/layout/layout.module.css';

/** One row per action. Scrolling to the end loads older actions. */
export function ActionTable({
  actions,
  selected,
  trail,
}: {
  actions: readonly AuditedAction[];
  selected: AuditedAction | null;
  trail: ReturnType<typeof useAuditTrail>;
}) {
  const [{ sort }, changeView] = useViewState(views.audit);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = trail;
  const loadOlder = useCallback(() => {
    // After a failure only the operator retries. An automatic retry would repeat without pause while the end
    // stays visible.
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  return (
    <div className={`${card.card} ${layout.splitTable}`}>
      <PartBoundary part="The trail">
        <DataTable
          label="Audit records"
          columns={auditColumns}
          rows={actions}
          rowKey={getActionKey}
          rowLabel={getActionLabel}
          selectedKey={selected === null ? null : getActionKey(selected)}
          onSelect={(key, by) =>
            changeView({ record: key ?? '' }, { push: by === 'click' || selected === null })
          }
          sort={sort}
          onSort={(next) => changeView({ sort: next })}
          onOpen={focusDetail}
          openText="Move to the row’s details; Esc returns to the row"
          onEndReached={loadOlder}
          empty={<NoActions />}
        />
      </PartBoundary>
    </div>
  );
}

/** Shown if no action matches; offers to remove the filter or the search. */
function NoActions() {
  const [{ q, show }, changeView] = useViewState(views.audit);
  if (q === '' && show === 'all') return 'No records yet. Every action is recorded here before it runs.';
  return (
    <span className={layout.stack}>
      {q === '' ? 'No records of this kind yet.' : 'No matching records.'}
      {show === 'all' ? null : (
        <span>
          <Button small onClick={() => changeView({ show: 'all' }, { push: true })}>
            {q === '' ? 'Show everything' : 'Search everything'}
          </Button>
        </span>
      )}
    </span>
  );
}
