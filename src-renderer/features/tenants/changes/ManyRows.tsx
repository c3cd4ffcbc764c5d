import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { defaultQuota } from '../../../../src-shared/model/tenants/ports.ts';
import type { TenantCsvRow } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { type ManyRun, type RowState, rowStateOf } from './useAddMany.ts';
import { outcomeWords } from './labels.ts';
import styles from './changes.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The rows of the file, each with its values, its problems and its result. */
export function ManyRows({ rows, run }: { rows: readonly TenantCsvRow[]; run: ManyRun }) {
  return (
    <section className={styles.manyRows} aria-label="Tenants in the file">
      <table>
        <thead>
          <tr>
            <th className={styles.end}>Line</th>
            <th>Client ID</th>
            <th>Key</th>
            <th className={styles.end}>Ports</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.line}`} aria-label={`Line ${row.line}`}>
              <td className={`${styles.end} ${textStyles.mono}`}>{row.line}</td>
              <td>
                <MachineText text={row.clientId === '' ? '–' : row.clientId} />
              </td>
              <td>
                <MachineText text={row.fingerprint === null ? '–' : `${row.fingerprint.slice(0, 19)}…`} />
              </td>
              <td className={`${styles.end} ${textStyles.mono}`}>
                {visibleText(row.writtenQuota) || defaultQuota}
              </td>
              <td>
                <Stand row={row} stand={rowStateOf(run, index)} isIdle={run.phase === 'idle'} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Stand({ row, stand, isIdle }: { row: TenantCsvRow; stand: RowState; isIdle: boolean }) {
  if (row.problems.length > 0) {
    return (
      <span className={feedback.word} data-tone="bad">
        {visibleText(row.problems.join('; '))}
      </span>
    );
  }
  switch (stand.state) {
    case 'waiting':
      return <span className={textStyles.sub}>{isIdle ? 'can be added' : 'waiting'}</span>;
    case 'running':
      return <span className={textStyles.strong}>being added…</span>;
    case 'not-begun':
      return <span className={textStyles.sub}>not started</span>;
    case 'ended': {
      const { word, tone } = outcomeWords[stand.outcome.state];
      return (
        <>
          <span className={`${feedback.word} ${textStyles.strong}`} data-tone={tone}>
            {word}
          </span>
          {stand.outcome.state === 'done' ? null : (
            <>
              {' '}
              <span className={`${textStyles.mono} ${textStyles.faint}`}>{stand.outcome.code}</span>{' '}
              {visibleText(stand.outcome.message)}
            </>
          )}
        </>
      );
    }
  }
}
