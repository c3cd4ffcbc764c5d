import { useMemo } from 'react';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { UsageComparison, UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { AreaTrend } from '../../../ui/chart/AreaTrend.tsx';
import { ChartLegend } from '../../../ui/chart/ChartLegend.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { EmptyState, Skeleton } from '../../../ui/feedback/States.tsx';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { Segments } from '../../../ui/layout/Segments.tsx';
import { nameDay } from '../months.ts';
import { useUsageHistory } from '../queries.ts';
import { CostChart } from './CostChart.tsx';
import { TrendTable } from './TrendTable.tsx';
import {
  activeTrend,
  choosePoints,
  chooseTicks,
  connectorTrend,
  projectedPoint,
  type Trend,
} from './trendData.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

const charts = [
  { value: 'connectors', text: 'Accounts by connector' },
  { value: 'active', text: 'Active against all accounts' },
  { value: 'cost', text: 'Cost by line' },
] as const;
const spans = [
  { value: '30', text: '30 d' },
  { value: '90', text: '90 d' },
  { value: '365', text: '12 months' },
] as const;
const ways = [
  { value: 'chart', text: 'Chart' },
  { value: 'table', text: 'Table' },
] as const;

const nameTime = (at: number) => nameDay(new Date(at).toISOString().slice(0, 10));
const sum = (trend: Trend, point: Trend['projected']) =>
  point === null ? null : trend.series.reduce((all, { name }) => all + (point[name] ?? 0), 0);

/** `1,200 now, 1,215 by 30 Nov` */
function describeEnd(trend: Trend): string {
  const now = sum(trend, trend.points.at(-1) ?? null);
  const expected = sum(trend, trend.projected);
  if (now === null) return '';
  const end = trend.projected === null ? '' : nameTime(trend.projected.at);
  return `${formatCount(now)} now${expected === null ? '' : `, ${formatCount(expected)} expected by ${end}`}`;
}

function TrendChart({ trend, kind }: { trend: Trend; kind: 'connectors' | 'active' }) {
  const [{ as }] = useViewState(views.usage);
  const { points, projected, series } = trend;
  const label = charts.find(({ value }) => value === kind)?.text ?? '';
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined)
    return (
      <EmptyState title="No kept counts yet">
        Each reading of an appliance keeps the counts of that day.
      </EmptyState>
    );
  if (as === 'table') return <TrendTable label={label} trend={trend} />;
  const span = `${nameTime(first.at)} to ${nameTime((projected ?? last).at)}`;
  return (
    <>
      <div className={styles.chart}>
        <AreaTrend
          label={`${label}, ${span}. ${kind === 'connectors' ? describeEnd(trend) : ''} The table has the figures.`}
          series={series}
          points={points}
          projected={projected}
          isStacked={kind === 'connectors'}
          formatTime={nameTime}
          ticks={chooseTicks(points, projected)}
        />
        <ChartLegend
          label="Colours"
          entries={series.toReversed().map(({ name, label: entry, color }) => ({
            label: entry,
            color,
            value: formatCount(last[name] ?? 0),
          }))}
        />
      </div>
      <p className={styles.chartNote}>
        Counts of {formatCount(points.length)} {points.length === 1 ? 'day' : 'days'}, kept on this computer.
        {projected === null ? '' : ' Dashed: projected.'}
      </p>
    </>
  );
}

/** The usage over time, or the cost by line, as a picture or as a table. */
export function ChartCard({
  applianceId,
  preview,
  compared,
}: {
  applianceId: string;
  preview: UsagePreviewView;
  compared: UsageComparison | null;
}) {
  const [{ chart, days, as }, changeView] = useViewState(views.usage);
  const history = useUsageHistory(applianceId, preview.summary?.takenAt ?? null);
  const { data } = history;
  const trend = useMemo(() => {
    const chosen = choosePoints(data ?? [], Number(days));
    const projected = projectedPoint(preview);
    return chart === 'active' ? activeTrend(chosen, projected) : connectorTrend(chosen, projected);
  }, [data, days, chart, preview]);
  return (
    <Card
      label="Charts"
      flush
      title={
        <CompactSelect
          label="Chart"
          value={chart}
          options={charts}
          onChange={(next) => changeView({ chart: next })}
        />
      }
      aside={
        <span className={`${layout.row} ${layout.tight} ${styles.headline}`}>
          {chart === 'connectors' ? <span className={text.sub}>{describeEnd(trend)}</span> : null}
          {chart === 'cost' ? null : (
            <Segments
              label="Time"
              value={days}
              options={spans}
              onChange={(next) => changeView({ days: next })}
            />
          )}
          <Segments label="Show as" value={as} options={ways} onChange={(next) => changeView({ as: next })} />
        </span>
      }
    >
      {chart === 'cost' ? (
        <CostChart preview={preview} compared={compared} />
      ) : (
        <Loaded
          query={history}
          skeleton={
            <div className={styles.rowSkeleton}>
              <Skeleton lines={6} />
            </div>
          }
          empty={<TrendChart trend={trend} kind={chart} />}
        >
          {() => <TrendChart trend={trend} kind={chart} />}
        </Loaded>
      )}
    </Card>
  );
}
