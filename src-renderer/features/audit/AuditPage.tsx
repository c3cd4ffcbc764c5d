import { useMemo } from 'react';
import { toErrorData } from '../../rpc/errors.ts';
import { useViewState } from '../../state/navigate.ts';
import { type ViewOf, views } from '../../state/views.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { copyText } from '../../ui/text/copy.ts';
import { ExportMenu } from '../../ui/table/ExportMenu.tsx';
import { FilterChip, FilterField } from '../../ui/layout/FilterChip.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../ui/feedback/States.tsx';
import { Chips } from '../../ui/layout/Lists.tsx';
import { Split } from '../../ui/layout/Split.tsx';
import { useSettledText } from '../../ui/layout/useSettled.ts';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { holdsRecord } from './actions.ts';
import { exportedColumns } from './auditColumns.tsx';
import { ActionDetail } from './components/ActionDetail.tsx';
import { ActionTable } from './components/ActionTable.tsx';
import { VerificationResult } from './components/VerificationResult.tsx';
import { useAuditHead, useAuditTrail, useVerifyAudit } from './queries.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';
import textStyles from '../../ui/text/text.module.css';

/** A search reads the whole audit trail, so it starts only after a pause in typing. */
const typingPauseMs = 250;

const chips: { show: ViewOf<'audit'>['show']; text: string }[] = [
  { show: 'changes', text: 'changes' },
  { show: 'access', text: 'access' },
  { show: 'link', text: 'links' },
  { show: 'all', text: 'everything' },
];

/** Lists all actions, newest first, and verifies that no record was changed. */
export function AuditPage() {
  useTitle('Audit');
  const [{ q, show, record }, changeView] = useViewState(views.audit);
  const query = useSettledText(q, typingPauseMs);
  const trail = useAuditTrail({ query: query.slice(0, 256), chip: show === 'all' ? null : show });
  const verify = useVerifyAudit();
  const actions = useMemo(() => trail.data?.pages.flatMap((page) => page.actions) ?? [], [trail.data]);
  const selected = actions.find((action) => holdsRecord(action, record)) ?? null;
  return (
    <Page fill>
      <PageHead title="Audit" sub={<TrailHead />}>
        <Chips label="Events">
          {chips.map((chip) => (
            <FilterChip
              key={chip.show}
              on={show === chip.show}
              onToggle={() => changeView({ show: chip.show }, { push: true })}
            >
              {chip.text}
            </FilterChip>
          ))}
        </Chips>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <FilterField value={q} onChange={(text) => changeView({ q: text })} label="Search records" />
          <ExportMenu name="audit" columns={exportedColumns} rows={actions} />
          <Button kind="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
            Verify
          </Button>
        </div>
      </PageHead>
      {verify.data === undefined ? null : <VerificationResult verification={verify.data} />}
      {trail.isFetchNextPageError ? (
        <ErrorNotice error={toErrorData(trail.error)} onRetry={() => void trail.fetchNextPage()} />
      ) : null}
      <Loaded query={trail} skeleton={<TrailSkeleton />}>
        {() => (
          <Split hasDetail={selected !== null}>
            <ActionTable actions={actions} selected={selected} trail={trail} />
            {selected === null ? null : (
              <ActionDetail action={selected} onClose={() => changeView({ record: '' }, { push: true })} />
            )}
          </Split>
        )}
      </Loaded>
    </Page>
  );
}

function TrailSkeleton() {
  return (
    <Card>
      <Skeleton lines={8} />
    </Card>
  );
}

function TrailHead() {
  const { data } = useAuditHead();
  if (data === undefined) return null;
  const { count, head } = data;
  return (
    <>
      {count.toLocaleString('en-US')} records{' '}
      {head === null ? null : (
        <button
          type="button"
          className={feedback.chip}
          title={`${head} · click to copy`}
          onClick={() => copyText(head, 'Head hash copied')}
        >
          head{' '}
          <b className={textStyles.mono}>
            {head.slice(0, 12)}…{head.slice(-4)}
          </b>
        </button>
      )}
    </>
  );
}
