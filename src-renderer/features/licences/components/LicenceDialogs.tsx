import type { TripSummary } from '../../../../src-shared/model/licence/trip.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { isLicensed, type LicenceRow } from '../rows.ts';
import { RenewDialog } from './RenewDialog.tsx';
import { SnoozeDialog } from './SnoozeDialog.tsx';
import { StepsDialog } from './StepsDialog.tsx';

const ConnectedWindow = lazyComponent(async () => (await import('../window/WindowDialog.tsx')).WindowDialog);

/** The dialogs that the address names, for those who may renew. */
export function LicenceDialogs({
  rows,
  trips,
  now,
}: {
  rows: readonly LicenceRow[];
  trips: readonly TripSummary[];
  now: number;
}) {
  const [view, changeView] = useViewState(views.licences);
  const licensed = (name: string) => rows.find((row) => row.name === name && isLicensed(row)) ?? null;
  const windowed = rows.find(({ name }) => name === view.window);
  const closeWindow = () => changeView({ window: '' });
  return (
    <>
      <RenewDialog
        name={view.renew}
        rows={rows}
        trips={trips}
        now={now}
        onChoose={(name) => changeView({ renew: name })}
        onClose={() => changeView({ renew: '' })}
        onWindow={(name) => changeView({ renew: '', window: name })}
      />
      {windowed === undefined ? null : (
        <ConnectedWindow.Component
          props={{ applianceId: windowed.id, name: windowed.name, onClose: closeWindow }}
          fallback={null}
          dialog={{ title: 'Renew through this computer', onClose: closeWindow }}
        />
      )}
      <SnoozeDialog row={licensed(view.snooze)} now={now} onClose={() => changeView({ snooze: '' })} />
      <StepsDialog row={licensed(view.mark)} now={now} onClose={() => changeView({ mark: '' })} />
    </>
  );
}
