import { describeComparison } from '../../../../src-shared/model/fanOut/compareOutputs.ts';
import type { ResultView, RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import {
  describeState,
  describeTunnels,
  formatTime,
} from '../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates } from '../../../../src-shared/model/fanOut/runStates.ts';
import { useNavigateTo, useViewState } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Segments } from '../../../ui/layout/Segments.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { DataTable } from '../../../ui/table/DataTable.tsx';
import { runView } from '../runAddress.ts';
import { ProductionTag } from './ProductionTag.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import text from '../../../ui/text/text.module.css';

const belongs = {
  all: () => true,
  failed: ({ state }: ResultView) => applianceStates[state].isFailure,
  done: ({ state }: ResultView) => state === 'done' || state === 'watched',
  different: ({ comparison }: ResultView) => comparison.kind === 'differs',
} as const;
type Show = keyof typeof belongs;

const showTexts: Record<Show, string> = {
  all: 'All',
  failed: 'Failed',
  done: 'Done',
  different: 'Different output',
};
const shows = ['all', 'failed', 'done', 'different'] as const satisfies readonly Show[];

const revisionOf = ({ revision }: ResultView): string | null =>
  revision === null || revision.before === revision.after ? null : `${revision.before} → ${revision.after}`;

const columns: readonly Column<ResultView>[] = [
  {
    id: 'appliance',
    header: 'Appliance',
    width: 'minmax(110px, 1.1fr)',
    rank: 1,
    value: ({ name }) => name,
    cell: ({ name, isProduction }) => (
      <span>
        <PlaceLink to={places.appliance(name)} className={text.nameLink}>
          {name}
        </PlaceLink>{' '}
        {isProduction ? <ProductionTag /> : null}
      </span>
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: 'minmax(150px, 1.4fr)',
    rank: 1,
    value: describeState,
    cell: (result) => (
      <span className={feedback.word} data-tone={applianceStates[result.state].tone}>
        {applianceStates[result.state].sign} {describeState(result)}
      </span>
    ),
  },
  {
    id: 'exit',
    header: 'Exit',
    width: '46px',
    rank: 5,
    end: true,
    value: ({ exitCode }) => exitCode,
    cell: ({ exitCode, state }) => (
      <span className={feedback.word} data-tone={applianceStates[state].isFailure ? 'bad' : undefined}>
        {exitCode ?? '–'}
      </span>
    ),
  },
  {
    id: 'time',
    header: 'Time',
    width: '62px',
    rank: 6,
    end: true,
    value: ({ milliseconds }) => milliseconds,
    cell: ({ milliseconds }) => <span>{milliseconds === null ? '–' : formatTime(milliseconds)}</span>,
  },
  {
    id: 'revision',
    header: 'Revision',
    width: '84px',
    rank: 7,
    hidesEmpty: true,
    value: revisionOf,
    cell: (result) => <span className={text.mono}>{revisionOf(result) ?? '–'}</span>,
  },
  {
    id: 'tunnels',
    header: 'Tunnels after',
    width: 'minmax(104px, 1fr)',
    rank: 4,
    value: ({ tunnels }) => tunnels?.answering ?? null,
    cell: ({ tunnels, state }) => {
      const isPartly = tunnels !== null && tunnels.answering < tunnels.total;
      return (
        <span className={feedback.word} data-tone={isPartly ? 'warn' : undefined}>
          {tunnels === null && !applianceStates[state].hasRun ? '–' : describeTunnels(tunnels)}
        </span>
      );
    },
  },
  {
    id: 'output',
    header: 'Output',
    width: 'minmax(104px, 1fr)',
    rank: 3,
    value: ({ comparison }) => describeComparison(comparison),
    cell: ({ comparison }) => (
      <span className={comparison.kind === 'differs' ? text.link : text.sub}>
        {describeComparison(comparison)}
      </span>
    ),
  },
];

/** One row for each appliance of a run. The selected one is compared beside the table. */
export function ResultsCard({ run, selected }: { run: RunView; selected: string | null }) {
  const [{ show, sort }, changeView] = useViewState(runView);
  const navigateTo = useNavigateTo();
  const rows = run.results.filter(belongs[show]);
  return (
    <Card
      title="Results"
      label="Results"
      flush
      aside={
        <Segments
          label="Results shown"
          value={show}
          options={shows.map((value) => ({
            value,
            text: `${showTexts[value]} ${run.results.filter(belongs[value]).length}`,
          }))}
          onChange={(next) => changeView({ show: next })}
        />
      }
    >
      <DataTable
        label="Results"
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
        rowLabel={({ name }) => name}
        selectedKey={selected}
        onSelect={(name) => changeView({ appliance: name ?? '' })}
        sort={sort}
        onSort={(next) => changeView({ sort: next })}
        onOpen={({ name }) => navigateTo(places.appliance(name))}
        openText="Open the appliance"
        placeOf={({ name }) => places.appliance(name)}
        empty="No matching results."
        fit
      />
    </Card>
  );
}
