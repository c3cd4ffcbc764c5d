import { useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatRanges, type PortRange } from '../../../../src-shared/model/tenants/ports.ts';
import type { TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { ageMs, formatDuration, hourMs } from '../../../../src-shared/base/time.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import styles from './changes.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';

const listedEnds = 6;

/** The tunnels and sessions that the change ends: the first few, and all of them on request. */
export function PlanEnds({ plan }: { plan: TenantPlan }) {
  const now = useNow();
  const [isWhole, setIsWhole] = useState(false);
  if (plan.ends.length === 0) return null;
  const shown = isWhole ? plan.ends : plan.ends.slice(0, listedEnds);
  const rest = plan.ends.length - shown.length;
  return (
    <div>
      <h3>Ends</h3>
      <ul className={styles.planEnds} aria-label="Ends">
        {shown.map((one, index) => (
          <li key={`${one.port ?? 'session'}${index}`}>
            <span className={textStyles.mono}>{one.port ?? 'session'}</span>
            <MachineText
              text={one.destination ?? (one.port === null ? 'without a tunnel' : 'not announced')}
            />
            <span className={feedback.age}>
              {one.since === null ? '' : `up ${formatDuration(ageMs(one.since, now))}`}
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 ? (
        <Button small kind="quiet" onClick={() => setIsWhole(true)}>
          and {rest} more
        </Button>
      ) : null}
    </div>
  );
}

function KeyLines({ plan }: { plan: TenantPlan }) {
  const { action, upload, before } = plan;
  if (action.kind !== 'add' && action.kind !== 'rotate') return null;
  const old = before?.keys ?? [];
  const isBeside = action.kind === 'add' && old.length > 0;
  const overlap = action.kind === 'rotate' ? action.overlapHours : null;
  return (
    <li>
      <span>Keys</span>
      <span>
        {old.length === 0
          ? '–'
          : old.map((key) => <MachineText key={key.fingerprint} text={`${key.type} ${key.fingerprint}`} />)}
        {overlap === null || old.length === 0 ? null : (
          <span className={textStyles.sub}>valid for another {formatDuration(overlap * hourMs)}</span>
        )}
      </span>
      <span aria-label="becomes">→</span>
      <span>
        {isBeside ? (
          <span className={textStyles.sub}>existing {old.length === 1 ? 'key' : 'keys'} unchanged, plus</span>
        ) : null}
        {upload === null ? (
          'a new pair, generated on the appliance'
        ) : (
          <>
            <MachineText text={`${upload.type} ${upload.fingerprint}`} />
            {upload.comment === null || upload.comment === '' ? null : (
              <span className={textStyles.sub}>{visibleText(upload.comment)}</span>
            )}
          </>
        )}
      </span>
    </li>
  );
}

function ports(ranges: readonly PortRange[]): string {
  return ranges.length === 0 ? 'none' : formatRanges(ranges);
}

/** Quota, ports and keys before and after the change. */
export function PlanDifference({ plan }: { plan: TenantPlan }) {
  const { before, after } = plan;
  if (plan.action.kind === 'release') return null;
  return (
    <ul className={styles.planDifference} aria-label="Before and after">
      <li>
        <span>Quota</span>
        <span className={textStyles.mono}>{before?.quota ?? '–'}</span>
        <span aria-label="becomes">→</span>
        <span className={textStyles.mono}>{after?.quota ?? 'gone'}</span>
      </li>
      <li>
        <span>Ports</span>
        <span className={textStyles.mono}>{before === null ? '–' : ports(before.ports)}</span>
        <span aria-label="becomes">→</span>
        <span className={after?.ports === null ? textStyles.sub : textStyles.mono}>
          {after === null
            ? 'released'
            : after.ports === null
              ? 'allocated by the appliance'
              : before !== null && ports(before.ports) === ports(after.ports)
                ? `${ports(after.ports)}, unchanged`
                : ports(after.ports)}
          {after === null || plan.givesUp.length === 0 ? null : (
            <span className={textStyles.sub}> releases {formatRanges(plan.givesUp)}</span>
          )}
        </span>
      </li>
      <KeyLines plan={plan} />
    </ul>
  );
}

export function PlanUndo({ plan }: { plan: TenantPlan }) {
  const { undo } = plan;
  return (
    <p className={textStyles.sub}>
      {undo.possible ? 'To undo: ' : 'Can’t be undone: '}
      {undo.command === null ? null : (
        <>
          <span className={`${textStyles.mono} ${textStyles.strong}`}>{visibleText(undo.command)}</span>
          <br />
        </>
      )}
      {visibleText(undo.text)}
    </p>
  );
}

/** When the old keys expire if the plan runs now. */
export function deadlineWords(hours: number, now: number): string {
  return formatLocal(new Date(now + hours * hourMs).toISOString()).slice(0, 16);
}
