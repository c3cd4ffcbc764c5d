import { useEffect, useRef, useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { outcomeWords } from '../changes/labels.ts';
import { PrivateKeyCard } from '../changes/PrivateKeyCard.tsx';
import type { ShownOutcome } from '../changes/useChange.ts';
import { type BulkKind, bulkKinds, type BulkRequest } from './bulkRequest.ts';
import type { BulkChange, BulkStep } from './useBulkChange.ts';
import styles from './bulk.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type Run = Extract<BulkStep, { step: 'running' | 'ended' }>;

function RowState({
  outcome,
  isRunning,
  isEnded,
}: {
  outcome: ShownOutcome | undefined;
  isRunning: boolean;
  isEnded: boolean;
}) {
  if (outcome === undefined)
    return <span className={text.sub}>{isEnded ? 'not started' : isRunning ? 'running…' : 'waiting'}</span>;
  const { word, tone } = outcomeWords[outcome.state];
  return (
    <>
      <b className={feedback.word} data-tone={tone}>
        {word}
      </b>
      {outcome.state === 'done' ? null : (
        <>
          {' '}
          <span className={`${text.mono} ${text.faint}`}>{outcome.code}</span> {visibleText(outcome.message)}
        </>
      )}
    </>
  );
}

function summaryOf({ rows, outcomes, step }: Run, done: string): string {
  const count = outcomes.filter(({ state }) => state === 'done').length;
  const rest = rows.length - outcomes.length;
  if (step === 'running') return `${count} of ${rows.length} ${done}…`;
  return [
    count < rows.length
      ? `${count} of ${rows.length} ${done}.`
      : `${count === 1 ? '1' : `All ${count}`} ${done}.`,
    ...(rest > 0 ? [`${rest} ${rest === 1 ? 'was' : 'were'} not started.`] : []),
  ].join(' ');
}

function detailsOf({ rows, outcomes }: Run, kind: BulkKind): string {
  const details = rows.map(({ tenant }, index) => ({
    ...tenant,
    kind,
    state: outcomes[index]?.state ?? 'not started',
    code: outcomes[index]?.code ?? null,
    message: outcomes[index]?.message ?? null,
  }));
  return JSON.stringify(details, null, 2);
}

/** The private key generated for the row just finished. The run continues after the user saves it. */
function KeyToSave({
  clientId,
  privateKey,
  onSaved,
}: {
  clientId: string;
  privateKey: string;
  onSaved: () => void;
}) {
  const [isSaved, setIsSaved] = useState(false);
  return (
    <>
      <PrivateKeyCard
        clientId={clientId}
        privateKey={privateKey}
        isSaved={isSaved}
        onSaved={setIsSaved}
        isPressed={false}
      />
      <div className={form.formActions}>
        <span className={layout.grow} />
        <Button kind="primary" disabled={!isSaved} onClick={onSaved}>
          Continue
        </Button>
      </div>
    </>
  );
}

/** The progress for each tenant, then how many are done and how many were not started. */
export function BulkRun({
  request,
  change,
  run,
  onClose,
}: {
  request: BulkRequest;
  change: BulkChange;
  run: Run;
  onClose: () => void;
}) {
  const { rows, outcomes, key } = run;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  const isEnded = run.step === 'ended';
  const keyOwner = rows[outcomes.length - 1]?.tenant.clientId ?? '';
  return (
    <div ref={place} tabIndex={-1} className={`${layout.stack} ${styles.run}`}>
      {key === null ? null : (
        <KeyToSave key={keyOwner} clientId={keyOwner} privateKey={key} onSaved={change.keySaved} />
      )}
      <p aria-live="polite" className={text.strong}>
        {summaryOf(run, bulkKinds[request.kind].running)}
      </p>
      <ol className={styles.results} aria-label="Results">
        {rows.map(({ tenant }, index) => (
          <li key={`${tenant.applianceId}/${tenant.clientId}`} aria-label={tenant.clientId}>
            <b className={text.mono}>{tenant.clientId}</b>
            <span className={text.sub}>{visibleText(tenant.applianceName)}</span>
            <span>
              <RowState
                outcome={outcomes[index]}
                isRunning={index === outcomes.length && key === null}
                isEnded={isEnded}
              />
            </span>
          </li>
        ))}
      </ol>
      <div className={form.formActions}>
        {isEnded ? (
          <Button kind="quiet" onClick={() => copyText(detailsOf(run, request.kind), 'Details copied')}>
            Copy details
          </Button>
        ) : null}
        <span className={layout.grow} />
        {isEnded ? (
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <Button onClick={change.stop} busy={run.isStopping}>
            {run.isStopping ? 'Stopping after this one…' : 'Stop after this one'}
          </Button>
        )}
      </div>
    </div>
  );
}
