import { useState } from 'react';
import { useViewState } from '../../../state/viewState.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { useMonth, type TunnelRef } from '../queries.ts';
import { DayBars } from './DayBars.tsx';
import { ShareUp } from './HistoryStrip.tsx';
import layout from '../../../ui/layout/layout.module.css';

const Report = lazyComponent(async () => (await import('./AvailabilityReport.tsx')).AvailabilityReport);

/** The last 30 days of a tunnel by day, and the report for the customer. */
export function MonthCard({ place, applianceName }: { place: TunnelRef; applianceName: string }) {
  const month = useMonth(place);
  const [isReporting, setIsReporting] = useState(false);
  const isCovered = useViewState(({ codeHelp }) => codeHelp !== null);
  const close = () => setIsReporting(false);
  const title = `Availability of ${place.clientId} on ${applianceName}`;
  return (
    <Card
      title="Last 30 days"
      aside={
        <span className={layout.row}>
          {month.data === undefined ? null : <ShareUp {...month.data.history} />}
          <Button small onClick={() => setIsReporting(true)}>
            Open report…
          </Button>
        </span>
      }
    >
      <Loaded query={month} skeleton={<Skeleton lines={2} />}>
        {({ history }) => <DayBars history={history} label="The last 30 days" />}
      </Loaded>
      <Dialog opened={isReporting} onClose={close} title={title} size={640} isCovered={isCovered}>
        {isReporting ? <Report.Component props={{ place, title }} fallback={<Skeleton lines={6} />} /> : null}
      </Dialog>
    </Card>
  );
}
