import { useMemo } from 'react';
import {
  compareConfigurations,
  type ConfigurationChange,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { secretMask } from '../../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../../src-shared/model/configuration/configurationYaml.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { useConfiguration } from '../queries.ts';
import { changeKinds, countOf } from '../labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from '../configuration.module.css';

type Side = 'now' | 'draft' | number;
export type Compared = { from: Side; to: Side };

function nameOf(side: Side, applianceName: string): string {
  return side === 'now' ? `${applianceName} now` : side === 'draft' ? 'draft' : `version ${side}`;
}

/** The text of one side. A kept version is read from the appliance when it is chosen. */
function useSide(side: Side, applianceId: string, present: string, draftText: string | null) {
  const version = useConfiguration(applianceId, typeof side === 'number' ? side : null);
  if (typeof side !== 'number')
    return { text: side === 'now' ? present : draftText, error: null, retry: null };
  return {
    text: version.data?.shown.text,
    error: version.error === null ? null : toErrorData(version.error),
    retry: () => void version.refetch(),
  };
}

/** The values that differ between two of: the present configuration, the draft, the kept versions. */
export function ChangesCard({
  applianceId,
  applianceName,
  shown,
  draftText,
  compared,
  onCompare,
}: {
  applianceId: string;
  applianceName: string;
  shown: ConfigurationShow;
  draftText: string | null;
  compared: Compared;
  onCompare: (compared: Compared) => void;
}) {
  const from = useSide(compared.from, applianceId, shown.text, draftText);
  const to = useSide(compared.to, applianceId, shown.text, draftText);
  const sides: Side[] = ['now', 'draft', ...shown.versions.map(({ number }) => number)];
  const options = sides.map((side) => ({ value: `${side}`, text: nameOf(side, applianceName) }));
  const sideOf = (value: string) => sides.find((side) => `${side}` === value) ?? 'now';
  const error = from.error ?? to.error;
  const retry = from.error === null ? to.retry : from.retry;
  return (
    <Card
      title="Changes"
      label="Changes"
      aside={
        <span className={`${layout.row} ${layout.tightRow}`}>
          <CompactSelect
            label="Compare"
            value={`${compared.from}`}
            options={options}
            onChange={(value) => onCompare({ ...compared, from: sideOf(value) })}
          />
          <span className={textStyles.faint} aria-hidden="true">
            →
          </span>
          <CompactSelect
            label="With"
            value={`${compared.to}`}
            options={options}
            onChange={(value) => onCompare({ ...compared, to: sideOf(value) })}
          />
        </span>
      }
    >
      {error === null ? (
        from.text === null || to.text === null ? (
          <p className={textStyles.sub}>No draft yet. Edit the configuration to see what would change.</p>
        ) : from.text === undefined || to.text === undefined ? (
          <Skeleton lines={3} />
        ) : (
          <Comparison from={from.text} to={to.text} isOfSecrets={compared.to === 'draft'} />
        )
      ) : (
        <ErrorNotice error={error} onRetry={retry ?? undefined} />
      )}
    </Card>
  );
}

function Comparison({ from, to, isOfSecrets }: { from: string; to: string; isOfSecrets: boolean }) {
  const changes = useMemo(() => compareConfigurations(from, to), [from, to]);
  if (readConfiguration(to).isBroken)
    return (
      <p className={textStyles.sub}>The draft is not valid YAML yet, so its values can’t be compared.</p>
    );
  return (
    <>
      {changes.length === 0 ? (
        <p className={textStyles.sub}>
          {from === to ? 'No changes.' : 'No value differs, only comments or the layout.'}
        </p>
      ) : (
        <ChangeTable changes={changes} />
      )}
      <p className={`${textStyles.faint} ${styles.note}`}>
        {isOfSecrets
          ? 'A hidden value in the draft keeps the present secret.'
          : 'Hidden secrets can’t be compared.'}
      </p>
    </>
  );
}

/** The values of each changed key. A secret is hidden on both sides. */
export function ChangeTable({ changes }: { changes: readonly ConfigurationChange[] }) {
  return (
    <table className={styles.changes}>
      <caption className={layout.srOnly}>{countOf(changes.length, 'changed key')}</caption>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, kind, before, after }) => (
          <tr key={path}>
            <th scope="row">
              <span
                className={feedback.word}
                data-tone={changeKinds[kind].tone}
                title={changeKinds[kind].word}
              >
                {changeKinds[kind].sign}
              </span>{' '}
              {visibleLine(path)} <span className={layout.srOnly}>{changeKinds[kind].word}</span>
            </th>
            <td>{before === null ? '–' : visibleLine(before)}</td>
            <td>
              {after === null ? 'removed' : after === secretMask ? 'new secret (hidden)' : visibleLine(after)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
