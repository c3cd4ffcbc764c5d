import { useMemo } from 'react';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { configurationArgv } from '../../../../src-shared/model/configuration/configurationArgv.ts';
import {
  compareConfigurations,
  markedTextOf,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { useConfiguration, useRollBackConfiguration } from '../queries.ts';
import type { KeptVersion } from '../labels.ts';
import { ChangeForm, ChangeResult } from './ChangeForm.tsx';
import { ChangeTable } from './ChangesCard.tsx';
import textStyles from '../../../ui/text/text.module.css';

/** Installs a kept version again, after showing what that changes. */
export function RollBackDialog({
  entry,
  shown,
  version: { number },
  onClose,
  onChanged,
  readAgain,
}: {
  entry: ApplianceEntry;
  shown: ConfigurationShow;
  version: KeptVersion;
  onClose: () => void;
  /** Called when the appliance may have another content. */
  onChanged: () => void;
  readAgain: () => void;
}) {
  const rollBack = useRollBackConfiguration();
  const request = { number, unchangedSince: shown.digest };
  return (
    <Dialog opened onClose={onClose} title={`Roll back ${entry.name} to version ${number}`} size={680}>
      {rollBack.data === undefined ? (
        <ChangeForm
          entry={entry}
          shown={shown}
          argvOf={(stated) => configurationArgv.rollBack({ ...request, stated })}
          verb="Roll back"
          blocked={null}
          change={rollBack}
          onRun={(reason) =>
            rollBack.mutate({ applianceId: entry.id, ...request, reason }, { onSettled: onChanged })
          }
          onCancel={onClose}
          readAgain={readAgain}
        >
          <RollBackChanges applianceId={entry.id} shown={shown} number={number} />
          <p className={textStyles.sub}>
            Secrets also become those of version {number}. To undo, roll back to the present version, which is
            kept.
          </p>
        </ChangeForm>
      ) : (
        <ChangeResult
          changed={rollBack.data}
          entry={entry}
          kind={{ title: 'Rolled back', content: `version ${number} again` }}
          onClose={onClose}
          readAgain={readAgain}
        />
      )}
    </Dialog>
  );
}

function RollBackChanges({
  applianceId,
  shown,
  number,
}: {
  applianceId: string;
  shown: ConfigurationShow;
  number: number;
}) {
  const version = useConfiguration(applianceId, number);
  const kept = version.data?.shown;
  const changes = useMemo(
    () => (kept === undefined ? [] : compareConfigurations(markedTextOf(shown), markedTextOf(kept))),
    [shown, kept],
  );
  return (
    <Loaded query={version} skeleton={<Skeleton lines={2} />}>
      {() =>
        changes.length === 0 ? (
          <p className={textStyles.sub}>No value changes, only comments or the layout.</p>
        ) : (
          <ChangeTable changes={changes} />
        )
      }
    </Loaded>
  );
}
