import type { KeptGap, LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import type { LogSource } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { ApplianceChips, ViewChips } from '../applianceChoice.tsx';
import { describeReading, FollowButton } from './KeptState.tsx';
import type { KeptActions } from './useKeptActions.ts';
import type { KeptPage } from './useKeptPage.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

/** The head of the page: whose lines are searched, what is read and missing, and the state of following. */
export function KeptHead({
  appliances,
  page: { chosenNames, watched, gaps, window, snapshot, search },
  actions,
  nameOf,
}: {
  appliances: readonly LogSource[];
  page: KeptPage;
  actions: KeptActions;
  nameOf: (applianceId: string) => string;
}) {
  const mayExport = useMay('operator');
  return (
    <PageHead title="Syslog">
      <ViewChips />
      <ApplianceChips appliances={appliances} chosenNames={chosenNames} />
      <span className={feedback.age} data-testid="reading">
        {describeReading(watched.value, nameOf)}
      </span>
      <GapChip gaps={gaps} onGo={(key) => void window.showAround(key)} />
      <div className={`${layout.row} ${layout.pageActions}`}>
        <Button onClick={() => actions.setDrawer('filters')}>Saved filters</Button>
        <Button onClick={() => actions.setDrawer('watch')}>Watch…</Button>
        {mayExport ? (
          <Button onClick={() => actions.setDrawer('export')} disabled={search === null}>
            Export…
          </Button>
        ) : null}
        <FollowButton snapshot={snapshot} onPause={window.pause} onFollow={window.follow} />
      </div>
    </PageHead>
  );
}

function GapChip({ gaps, onGo }: { gaps: readonly KeptGap[]; onGo: (key: LineKey) => void }) {
  const last = gaps.at(-1);
  if (last === undefined) return null;
  return (
    <Button small onClick={() => onGo(last.key)} title="Go to the latest gap">
      <span className={feedback.word} data-tone="warn">
        {gaps.length} {gaps.length === 1 ? 'gap' : 'gaps'} in range
      </span>
    </Button>
  );
}
