import { type ReactNode, useCallback, useDeferredValue, useMemo } from 'react';
import type { AuditRecord, AuditVerdict } from '../../../src-shared/model/audit/audit.ts';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { useView } from '../../state/navigate.ts';
import { views } from '../../state/views.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Card, Facts } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { copyText } from '../../ui/text/copy.ts';
import { DataTable } from '../../ui/table/DataTable.tsx';
import { ExportMenu } from '../../ui/table/ExportMenu.tsx';
import { FilterField } from '../../ui/layout/FilterChip.tsx';
import { MachineText } from '../../ui/text/Machine.tsx';
import { Moment } from '../../ui/feedback/Moment.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../ui/feedback/States.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { auditColumns, ResultWord } from './auditColumns.tsx';
import { useAuditHead, useAuditTrail, useVerifyAudit } from './queries.ts';
import card from '../../ui/layout/Card.module.css';
import feedback from '../../ui/feedback/feedback.module.css';
import { Detail, focusDetail, Split } from '../../ui/layout/Split.tsx';
import layout from '../../ui/layout/layout.module.css';
import textStyles from '../../ui/text/text.module.css';

function keyOf(record: AuditRecord): string {
  return String(record.seq);
}

function labelOf(record: AuditRecord): string {
  return `#${record.seq} ${record.event}`;
}

/** Every action, newest first, and the proof that no record was changed. */
export function AuditPage() {
  useTitle('Audit');
  const [{ q, sort, record: selected }, changeView] = useView(views.audit);
  const query = useDeferredValue(q);
  const trail = useAuditTrail(query.slice(0, 256));
  const head = useAuditHead().data;
  const verify = useVerifyAudit();
  const records = useMemo(() => trail.data?.pages.flatMap((page) => page.records) ?? [], [trail.data]);
  const record = records.find((candidate) => keyOf(candidate) === selected) ?? null;
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = trail;
  const loadOlder = useCallback(() => {
    // After a failure only the operator retries: the end of the list stays visible and would otherwise retry without
    // pause.
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  return (
    <Page fill>
      <PageHead
        title="Audit"
        sub={head === undefined ? undefined : `${head.total.toLocaleString('en-US')} records`}
      >
        {head?.head == null ? null : (
          <button
            type="button"
            className={feedback.chip}
            title={`${head.head} · press to copy`}
            onClick={() => copyText(head.head ?? '', 'Head hash copied')}
          >
            head{' '}
            <b className={textStyles.mono}>
              {head.head.slice(0, 12)}…{head.head.slice(-4)}
            </b>
          </button>
        )}
        <span className={layout.grow} />
        <FilterField value={q} onChange={(text) => changeView({ q: text })} label="Search records" />
        <ExportMenu name="audit" columns={auditColumns} rows={records} />
        <Button kind="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify
        </Button>
      </PageHead>
      {verify.data === undefined ? null : <Verdict verdict={verify.data} />}
      {isFetchNextPageError ? (
        <ErrorNotice error={toErrorData(trail.error)} onRetry={() => void fetchNextPage()} />
      ) : null}
      <Loaded
        query={trail}
        skeleton={
          <Card>
            <Skeleton lines={8} />
          </Card>
        }
      >
        {() => (
          <Split hasDetail={record !== null}>
            <div className={`${card.card} ${layout.splitTable}`}>
              <PartBoundary part="The trail">
                <DataTable
                  label="Audit records"
                  columns={auditColumns}
                  rows={records}
                  rowKey={keyOf}
                  rowLabel={labelOf}
                  selectedKey={record === null ? null : selected}
                  onSelect={(key, by) =>
                    changeView({ record: key ?? '' }, { push: by === 'click' || record === null })
                  }
                  sort={sort}
                  onSort={(next) => changeView({ sort: next })}
                  onOpen={focusDetail}
                  openText="Go to the panel of the row; Esc goes back"
                  onEndReached={loadOlder}
                  empty={
                    query === ''
                      ? 'No activity yet. Every action is recorded here before it runs.'
                      : 'No matching records.'
                  }
                />
              </PartBoundary>
            </div>
            {record === null ? null : (
              <RecordDetail record={record} onClose={() => changeView({ record: '' }, { push: true })} />
            )}
          </Split>
        )}
      </Loaded>
    </Page>
  );
}

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const unfinished = verdict.unfinished.length;
  return (
    <output
      className={feedback.notice}
      data-tone={verdict.ok ? 'plain' : 'bad'}
      aria-label="Verdict"
      data-testid="verdict"
    >
      <span className={`${feedback.word} ${textStyles.strong}`} data-tone={verdict.ok ? 'ok' : 'bad'}>
        {verdict.ok ? 'Audit trail intact' : 'Audit trail was tampered with'}
      </span>
      <span className={`${layout.grow} ${textStyles.sub}`}>
        {verdict.broken === null
          ? `${verdict.count.toLocaleString('en-US')} records checked, every hash matches the previous record; ${formatInstant(verdict.verifiedAt)}`
          : `record #${verdict.broken.seq}: ${verdict.broken.why}`}
        {unfinished === 0
          ? ''
          : ` · ${unfinished} action${unfinished === 1 ? '' : 's'} started but never completed: ${verdict.unfinished
              .slice(0, 5)
              .map((seq) => `#${seq}`)
              .join(', ')}`}
      </span>
    </output>
  );
}

function RecordDetail({ record, onClose }: { record: AuditRecord; onClose: () => void }) {
  const facts: [string, ReactNode][] = [
    [
      'Time',
      <span key="t">
        <Moment at={record.at} /> <span className={feedback.age}>{formatInstant(record.at)}</span>
      </span>,
    ],
    ['Phase', record.intentSeq === null ? record.phase : `${record.phase} of #${record.intentSeq}`],
    ['Result', <ResultWord key="r" record={record} />],
    ['Event', <MachineText key="e" text={record.event} />],
    ['Object', <MachineText key="o" text={record.object} />],
    ['Operator', `${record.operator} · role ${record.role}`],
    ['Source', <MachineText key="s" text={record.source} />],
    ['Destination', record.destination === null ? '–' : <MachineText key="d" text={record.destination} />],
    ['Reason', record.reason ?? '–'],
    ['Console run', <MachineText key="c" text={record.session} />],
  ];
  return (
    <Detail label={labelOf(record)}>
      <Card
        title={`Record #${record.seq}`}
        aside={
          <Button small kind="quiet" onClick={onClose} label="Close details">
            ✕
          </Button>
        }
      >
        <Facts facts={facts} />
        {record.command === null ? null : (
          <pre className={textStyles.machine} aria-label="Command">
            <MachineText text={record.command} />
          </pre>
        )}
        {record.detail === '' ? null : (
          <pre className={textStyles.machine} aria-label="Detail">
            <MachineText text={record.detail} />
          </pre>
        )}
      </Card>
      <Card title="Hashes">
        <Facts
          facts={[
            [
              'This',
              <span key="h" className={textStyles.mono}>
                {record.hash}
              </span>,
            ],
            [
              'Before',
              <span key="p" className={textStyles.mono}>
                {record.previousHash}
              </span>,
            ],
          ]}
        />
      </Card>
    </Detail>
  );
}
