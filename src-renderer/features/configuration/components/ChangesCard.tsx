import { useMemo, useState } from 'react';
import { formatYamlPath } from '../../../../src-shared/base/boundedYaml.ts';
import {
  compareConfigurations,
  markedTextOf,
  type ConfigurationChange,
  type MarkedText,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { secretMask } from '../../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../../src-shared/model/configuration/configurationYaml.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { isMasked } from '../checkDraft.ts';
import { showLines } from '../showLines.ts';
import type { Draft } from '../draft.ts';
import { useConfiguration } from '../queries.ts';
import { changeKinds } from '../labels.ts';
import { countOf } from '../../../ui/text/countOf.ts';
import { LineDiff } from '../../../ui/diff/LineDiff.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from '../configuration.module.css';

type Side = 'now' | 'draft' | number;
export type Compared = { from: Side; to: Side };

const shapes = [
  { shape: 'paired', text: 'Side by side' },
  { shape: 'inline', text: 'Inline' },
  { shape: 'keys', text: 'Keys' },
] as const;
type Shape = (typeof shapes)[number]['shape'];

/** Takes a key of the draft back to its value in the other text. */
export type RestoreKey = (path: string, source: string) => void;

function nameOf(side: Side, applianceName: string): string {
  return side === 'now' ? `${applianceName} now` : side === 'draft' ? 'draft' : `version ${side}`;
}

/** The content of one side. A kept version is read from the appliance when it is chosen. */
function useSide(side: Side, applianceId: string, shown: ConfigurationShow, draft: Draft | null) {
  const version = useConfiguration(applianceId, typeof side === 'number' ? side : null);
  const kept = typeof side === 'number' ? version.data?.shown : shown;
  const content = useMemo(() => {
    if (side !== 'draft') return kept === undefined ? undefined : markedTextOf(kept);
    return draft === null ? null : { text: draft.text, marks: draft.basis.marks };
  }, [side, kept, draft]);
  if (typeof side !== 'number') return { content, error: null, retry: null };
  return {
    content,
    error: version.error === null ? null : toErrorData(version.error),
    retry: () => void version.refetch(),
  };
}

/** What differs between two of: the present configuration, the draft, the kept versions. */
export function ChangesCard({
  applianceId,
  applianceName,
  shown,
  draft,
  compared,
  onCompare,
  onRestore,
}: {
  applianceId: string;
  applianceName: string;
  shown: ConfigurationShow;
  draft: Draft | null;
  compared: Compared;
  onCompare: (compared: Compared) => void;
  /** Null if the user may not edit. */
  onRestore: RestoreKey | null;
}) {
  const [shape, setShape] = useState<Shape>('paired');
  const from = useSide(compared.from, applianceId, shown, draft);
  const to = useSide(compared.to, applianceId, shown, draft);
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
        <span className={`${layout.row} ${layout.tightRow} ${styles.compared}`}>
          <Chips label="Show changes as">
            {shapes.map((option) => (
              <FilterChip
                key={option.shape}
                on={option.shape === shape}
                onToggle={() => setShape(option.shape)}
              >
                {option.text}
              </FilterChip>
            ))}
          </Chips>
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
        from.content === null || to.content === null ? (
          <p className={textStyles.sub}>No draft yet. Edit the configuration to see what would change.</p>
        ) : from.content === undefined || to.content === undefined ? (
          <Skeleton lines={3} />
        ) : (
          <Comparison
            from={from.content}
            to={to.content}
            shape={shape}
            restore={{
              // A kept version hides its secrets, and a mask in the draft means the present one.
              hasSecrets: compared.from === 'now',
              run: typeof compared.to === 'number' ? null : onRestore,
            }}
          />
        )
      ) : (
        <ErrorNotice error={error} onRetry={retry ?? undefined} />
      )}
    </Card>
  );
}

/** The paths of secrets that are the same in both contents. */
function listKeptSecrets(to: MarkedText, changes: readonly ConfigurationChange[]): string[] {
  const changed = new Set(changes.map(({ path }) => path));
  return readConfiguration(to.text)
    .values.filter((value) => isMasked(value))
    .map(({ path }) => formatYamlPath(path))
    .filter((path) => !changed.has(path));
}

type Restore = { hasSecrets: boolean; run: RestoreKey | null };

function Comparison({
  from,
  to,
  shape,
  restore: { hasSecrets, run },
}: {
  from: MarkedText;
  to: MarkedText;
  shape: Shape;
  restore: Restore;
}) {
  const changes = useMemo(() => compareConfigurations(from, to), [from, to]);
  const kept = useMemo(() => listKeptSecrets(to, changes), [to, changes]);
  const [before, after] = useMemo(() => [showLines(from), showLines(to, changes)], [from, to, changes]);
  if (readConfiguration(to.text).isBroken)
    return (
      <p className={textStyles.sub}>The draft is not valid YAML yet, so its values can’t be compared.</p>
    );
  const hasLines = before !== null && after !== null && before !== after;
  return (
    <>
      {changes.length === 0 ? (
        <p className={textStyles.sub}>
          {from.text === to.text ? 'No changes.' : 'No value differs, only comments or the layout.'}
        </p>
      ) : shape === 'keys' || !hasLines ? (
        <ChangeTable
          changes={changes}
          onRestore={run === null ? null : (path) => run(path, from.text)}
          hasSecrets={hasSecrets}
        />
      ) : null}
      {shape !== 'keys' && hasLines ? (
        <LineDiff before={before} after={after} isPaired={shape === 'paired'} />
      ) : null}
      {kept.length === 0 ? null : (
        <p className={`${textStyles.sub} ${styles.note}`}>
          {countOf(kept.length, 'hidden secret')} kept:{' '}
          <span className={textStyles.mono}>{kept.map(visibleLine).join(', ')}</span>
        </p>
      )}
    </>
  );
}

/** The values of each changed key. A secret is hidden on both sides. */
export function ChangeTable({
  changes,
  onRestore = null,
  hasSecrets = false,
}: {
  changes: readonly ConfigurationChange[];
  onRestore?: ((path: string) => void) | null;
  /** Whether the former secrets can be restored too. */
  hasSecrets?: boolean;
}) {
  return (
    <table className={styles.changes}>
      <caption className={layout.srOnly}>{countOf(changes.length, 'changed key')}</caption>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Change</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
          {onRestore === null ? null : (
            <th scope="col" className={styles.restore}>
              <span className={layout.srOnly}>Restore</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, kind, before, after }) => (
          <tr key={path}>
            <th scope="row">{visibleLine(path)}</th>
            <td>
              <span className={feedback.word} data-tone={changeKinds[kind].tone}>
                <span aria-hidden="true">{changeKinds[kind].sign} </span>
                {changeKinds[kind].word}
              </span>
            </td>
            <td data-side="before">{before === null ? '–' : visibleLine(before)}</td>
            <td data-side="after">
              {after === null ? '–' : after === secretMask ? 'new (hidden)' : visibleLine(after)}
            </td>
            {onRestore === null ? null : (
              <td className={styles.restore}>
                {before === secretMask && !hasSecrets ? (
                  <span className={textStyles.faint}>roll back</span>
                ) : (
                  <Button
                    small
                    kind="quiet"
                    label={`Restore ${visibleLine(path)}`}
                    onClick={() => onRestore(path)}
                  >
                    Restore
                  </Button>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
