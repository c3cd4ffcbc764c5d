import { useEffect, useRef } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { ManyRows } from './ManyRows.tsx';
import type { useAddMany } from './useAddMany.ts';
import styles from './changes.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** The progress of an import row by row, then its result. */
export function ManyEnd({
  many,
  onClose,
  onBack,
}: {
  many: ReturnType<typeof useAddMany>;
  onClose: () => void;
  onBack: () => void;
}) {
  const { run } = many;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  if (run.phase === 'idle') return null;
  const total = run.rows.length;
  const done = run.ended.filter((outcome) => outcome.state === 'done').length;
  const failed = run.ended.findIndex((outcome) => outcome.state !== 'done');
  const failedRow = run.rows[failed];
  const failedEnd = run.ended[failed];
  const rest = total - run.ended.length;
  const summary =
    run.phase === 'running'
      ? `${done} of ${total} added…`
      : [
          done === total ? (total === 1 ? '1 added.' : `All ${total} added.`) : `${done} of ${total} added.`,
          failedRow === undefined || failedEnd === undefined
            ? ''
            : failedEnd.state === 'unknown'
              ? `Whether ${failedRow.clientId} was added is unknown. Check the tenant list.`
              : failedEnd.state === 'partly'
                ? visibleText(failedEnd.message)
                : `${failedRow.clientId} was not added: ${visibleText(failedEnd.message)}`,
          rest > 0 ? `${rest} ${rest === 1 ? 'was' : 'were'} not started.` : '',
        ]
          .filter((sentence) => sentence !== '')
          .join(' ');
  const details = run.rows.map((row, index) => ({
    line: row.line,
    clientId: row.clientId,
    state: run.ended[index]?.state ?? 'not started',
    code: run.ended[index]?.code ?? null,
    message: run.ended[index]?.message ?? null,
  }));
  return (
    <div ref={place} tabIndex={-1} className={`${layout.stack} ${styles.outcome}`}>
      <progress className={styles.manyProgress} max={total} value={run.ended.length} aria-label="Results" />
      <p aria-live="polite" className={text.strong}>
        {summary}
      </p>
      <ManyRows rows={run.rows} run={run} />
      <div className={form.formActions}>
        {run.phase === 'running' ? null : (
          <Button kind="quiet" onClick={() => copyText(JSON.stringify(details, null, 2), 'Details copied')}>
            Copy details
          </Button>
        )}
        <span className={layout.grow} />
        {run.phase === 'running' ? (
          <Button onClick={many.stop} busy={run.isStopping}>
            {run.isStopping ? 'Stopping after this one…' : 'Stop after this one'}
          </Button>
        ) : (
          <>
            {rest > 0 || failed !== -1 ? <Button onClick={onBack}>Back to the file</Button> : null}
            <Button kind="primary" onClick={onClose}>
              Close
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
