import { useState } from 'react';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { describeOrigin } from '../../../../src-shared/model/configuration/versionOrigins.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { describeCause, type KeptVersion } from '../labels.ts';
import { RollBackDialog } from './RollBackDialog.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from '../configuration.module.css';

/** The versions that the appliance keeps, newest first. */
export function VersionsCard({
  entry,
  shown,
  hasDraft,
  onCompare,
  onRolledBack,
  readAgain,
}: {
  entry: ApplianceEntry;
  shown: ConfigurationShow;
  hasDraft: boolean;
  onCompare: (number: number) => void;
  onRolledBack: () => void;
  readAgain: () => void;
}) {
  const mayRollBack = useMay('admin');
  const lockReason = useLockReason(entry.id);
  const [target, setTarget] = useState<KeptVersion | null>(null);
  return (
    <Card
      title="Versions"
      label="Versions"
      aside={<span className={textStyles.sub}>kept on {entry.name}</span>}
      flush
    >
      <ol className={styles.versions}>
        {hasDraft ? (
          <li data-tone="draft">
            <b>draft</b>
            <span>Not applied</span>
          </li>
        ) : null}
        {shown.drift === null ? null : <DriftRow shown={shown} drift={shown.drift} onCompare={onCompare} />}
        {shown.versions.map((version) => (
          <VersionRow
            key={version.number}
            version={version}
            onCompare={() => onCompare(version.number)}
            onRollBack={mayRollBack && version.digest !== shown.digest ? () => setTarget(version) : null}
            lockReason={lockReason}
          />
        ))}
        {shown.versions.length === 0 ? (
          <li>
            <span className={textStyles.sub}>No versions yet. The first change keeps the present one.</span>
          </li>
        ) : null}
      </ol>
      {target === null ? null : (
        <RollBackDialog
          entry={entry}
          shown={shown}
          version={target}
          onClose={() => setTarget(null)}
          onChanged={onRolledBack}
          readAgain={readAgain}
        />
      )}
    </Card>
  );
}

const maxNamed = 4;

/** What was changed on the appliance without its commands, with its age. */
function DriftRow({
  shown: { versions },
  drift: { changedAt, changes },
  onCompare,
}: {
  shown: ConfigurationShow;
  drift: NonNullable<ConfigurationShow['drift']>;
  onCompare: (number: number) => void;
}) {
  const applied = versions.find(({ origin }) => origin !== 'found');
  const named = changes.slice(0, maxNamed).map(({ path }) => visibleLine(path));
  const more = changes.length - named.length;
  return (
    <li data-tone="warn">
      <b aria-hidden="true">!</b>
      <span>
        <span className={feedback.word} data-tone="warn">
          Changed on the appliance
        </span>
        <span className={styles.second}>
          {named.length === 0 ? 'only comments or the layout' : named.join(', ')}
          {more > 0 ? ` and ${more} more` : ''}, without its commands, <Ago at={changedAt} isSentence />
        </span>
      </span>
      {applied === undefined ? null : (
        <Button small kind="quiet" label="Compare the change" onClick={() => onCompare(applied.number)}>
          Compare
        </Button>
      )}
    </li>
  );
}

function VersionRow({
  version,
  onCompare,
  onRollBack,
  lockReason,
}: {
  version: KeptVersion;
  onCompare: () => void;
  /** Null if this version can't be chosen. */
  onRollBack: (() => void) | null;
  lockReason: string | null;
}) {
  const { number, revision, keptAt, isInstalled } = version;
  return (
    <li>
      <b>{number}</b>
      <span>
        {describeOrigin(version)}{' '}
        {isInstalled ? (
          <span className={feedback.chip} data-tone="accent">
            installed
          </span>
        ) : null}
        <span className={styles.second}>
          {revision === 0 ? '' : `revision ${revision}, `}kept <Ago at={keptAt} isSentence />
        </span>
        <span className={styles.second}>{describeCause(version)}</span>
      </span>
      <span className={styles.versionActions}>
        <Button small kind="quiet" label={`Compare version ${number}`} onClick={onCompare}>
          Compare
        </Button>
        {onRollBack === null ? null : (
          <Button
            small
            kind="quiet"
            label={`Roll back to ${number}…`}
            disabled={lockReason !== null}
            {...(lockReason === null ? {} : { title: lockReason })}
            onClick={onRollBack}
          >
            Roll back…
          </Button>
        )}
      </span>
    </li>
  );
}
