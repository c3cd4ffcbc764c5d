import type { LogExportPreview, LogExportSummary } from '../../../../../src-shared/contract/logExport.ts';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { visibleLine } from '../../../../../src-shared/base/machineText.ts';
import {
  findPlaceholders,
  redactionKinds,
} from '../../../../../src-shared/model/syslog/redact/redactionRules.ts';
import { gapFacts } from '../../../../../src-shared/model/syslog/gapFacts.ts';
import { Facts } from '../../../../ui/layout/Card.tsx';
import { formatLocal } from '../../../../ui/feedback/Moment.tsx';
import feedback from '../../../../ui/feedback/feedback.module.css';
import styles from './export.module.css';

const plural = (count: number, one: string): string =>
  `${formatCount(count)} ${count === 1 ? one : `${one}s`}`;

/** That lines are missing, with where and why. */
function ExportedGaps({ summary: { gapCount, gaps } }: { summary: LogExportSummary }) {
  if (gapCount === 0) return null;
  return (
    <div className={feedback.notice} data-tone="warn" data-testid="export-gaps">
      <b>Lines are missing: this range has {plural(gapCount, 'gap')}.</b>
      <ul>
        {gaps.map((gap) => (
          <li key={`${gap.appliance}${gap.until}${gap.reason}${gap.fromByte}`}>
            {gap.appliance}, {gap.since === null ? 'before' : `${formatLocal(gap.since)} –`}{' '}
            {formatLocal(gap.until)}
            {gap.toByte === null ? '' : `, ${plural(gap.toByte - gap.fromByte, 'byte')}`}.{' '}
            {gapFacts[gap.reason].text}
          </li>
        ))}
      </ul>
      {gaps.length < gapCount ? <span>The manifest lists all of them.</span> : null}
    </div>
  );
}

/** How many lines there are, from when to when, what is missing, and what was hidden. */
export function ExportReport({ summary }: { summary: LogExportSummary }) {
  return (
    <>
      <ExportedGaps summary={summary} />
      <ExportFacts summary={summary} />
    </>
  );
}

function ExportFacts({ summary }: { summary: LogExportSummary }) {
  const { lines, from, to, redaction } = summary;
  const range = from === null || to === null ? '' : `, ${formatLocal(from)} – ${formatLocal(to)}`;
  return (
    <Facts
      facts={[
        ['Lines', `${formatCount(lines)}${range}`],
        ...(summary.gapCount === 0 ? [['Gaps', 'None in this range.'] as const] : []),
        ...(redaction ?? []).map(
          ({ kind, count, distinct }) =>
            [
              redactionKinds[kind].label,
              `${plural(count, 'time')} hidden, ${plural(distinct, 'value')}`,
            ] as const,
        ),
        ...(redaction?.length === 0 ? [['Hidden', 'No value of the chosen kinds occurs.'] as const] : []),
        ...(redaction === null ? [['Hidden', 'Nothing: no kind is chosen.'] as const] : []),
      ]}
    />
  );
}

/** A line after redaction, with what replaced its values. */
function RedactedLine({ text }: { text: string }) {
  const shown = visibleLine(text);
  const found = findPlaceholders(shown);
  return (
    <>
      {found.map(({ from, to }, index) => (
        <span key={from}>
          {shown.slice(found[index - 1]?.to ?? 0, from)}
          <mark>{shown.slice(from, to)}</mark>
        </span>
      ))}
      {shown.slice(found.at(-1)?.to ?? 0)}
      {'\n'}
    </>
  );
}

/** What an export would have. */
export function PreviewedExport({ preview }: { preview: LogExportPreview }) {
  const { lines, summary, isDone } = preview;
  return (
    <section className={styles.preview} aria-label="Preview" aria-busy={!isDone} data-testid="export-preview">
      {isDone ? null : <output>Reading, {formatCount(summary.lines)} lines so far…</output>}
      <ExportReport summary={summary} />
      {lines.length === 0 ? null : (
        <>
          <h3>
            {summary.redaction === null
              ? `The first ${plural(lines.length, 'line')}`
              : `The first ${plural(lines.length, 'line')} with hidden values`}
          </h3>
          {/* Focusable, so that long lines can be scrolled by keyboard. */}
          <pre className={styles.lines} tabIndex={0} aria-label="Lines as they are exported">
            {lines.map((text, index) => (
              <RedactedLine key={`${index}${text}`} text={text} />
            ))}
          </pre>
        </>
      )}
    </section>
  );
}
