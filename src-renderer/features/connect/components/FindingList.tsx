import type {
  ConnectYamlFinding,
  ConnectYamlFix,
} from '../../../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import styles from '../connect.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const severityWords = { error: 'error', warning: 'warning', info: 'note' } as const;
const severityTones = { error: 'bad', warning: 'warn', info: 'info' } as const;

/** More than anyone reads; a hostile text has tens of thousands of findings. */
const shownFindings = 200;

/** `isCurrent` is false while the findings belong to an earlier text, so that their positions are out of date. */
export function FindingList({
  findings,
  isCurrent,
  onGo,
  onFix,
}: {
  findings: readonly ConnectYamlFinding[];
  isCurrent: boolean;
  onGo: (finding: ConnectYamlFinding) => void;
  onFix: (finding: ConnectYamlFinding, fix: ConnectYamlFix) => void;
}) {
  return (
    <ol className={styles.findings} aria-label="Findings">
      {findings.slice(0, shownFindings).map((finding, index) => (
        <Finding key={`${finding.code}${finding.from}${index}`} {...{ finding, isCurrent, onGo, onFix }} />
      ))}
      {findings.length > shownFindings ? (
        <li className={`${styles.finding} ${text.sub}`}>and {findings.length - shownFindings} more</li>
      ) : null}
    </ol>
  );
}

function Finding({
  finding,
  isCurrent,
  onGo,
  onFix,
}: {
  finding: ConnectYamlFinding;
  isCurrent: boolean;
  onGo: (finding: ConnectYamlFinding) => void;
  onFix: (finding: ConnectYamlFinding, fix: ConnectYamlFix) => void;
}) {
  const { code, severity, line, column, where, message, explanation } = finding;
  const fixes = [finding.fix, ...finding.otherFixes].flatMap((fix) => (fix === null ? [] : [fix]));
  return (
    <li className={styles.finding} data-severity={severity} data-testid="finding">
      <div className={styles.findingHead}>
        <span className={`${feedback.word} ${text.strong}`} data-tone={severityTones[severity]}>
          {severityWords[severity]}
        </span>
        <span className={`${text.mono} ${text.faint}`}>{code}</span>
        {line === null ? null : (
          <button
            type="button"
            className={`${text.linkButton} ${text.mono}`}
            disabled={!isCurrent}
            onClick={() => onGo(finding)}
          >
            {line}:{column}
          </button>
        )}
        <span className={`${layout.grow} ${text.clip} ${text.mono} ${text.sub}`} title={where}>
          {where}
        </span>
      </div>
      <p className={text.strong}>{message}</p>
      <p className={text.sub}>{explanation}</p>
      {fixes.length === 0 ? null : (
        <div className={layout.row}>
          {fixes.map((fix) => (
            <Button key={fix.title} small disabled={!isCurrent} onClick={() => onFix(finding, fix)}>
              {fix.title}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}
