import '@mantine/charts/styles.layer.css';
import { AreaChart } from '@mantine/charts';
import { formatCount } from '../../../src-shared/base/formatCount.ts';
import { type ChartPoint, type ChartSeries, nameProjected, withProjection } from './chartSeries.ts';
import chart from './chart.module.css';

/**
 * Areas over time, stacked or over each other, with a dashed projection after the last point. A picture for screen readers:
 * `label` says what it shows, and the table behind it has the figures.
 */
export function AreaTrend({
  label,
  series,
  points,
  projected,
  isStacked,
  formatTime,
  ticks,
}: {
  label: string;
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  projected: ChartPoint | null;
  isStacked: boolean;
  formatTime: (at: number) => string;
  ticks: readonly number[];
}) {
  const last = points.at(-1);
  const drawn = series.map(({ name, color, label: text }) => ({ name, color, label: text }));
  const expected =
    projected === null
      ? []
      : series.map(({ name, color, label: text }) => ({
          name: nameProjected(name),
          color,
          label: `${text}, projected`,
          strokeDasharray: '3 3',
        }));
  return (
    <figure aria-label={label} className={chart.frame}>
      <div aria-hidden="true" className={chart.picture}>
        <AreaChart
          h="100%"
          data={withProjection(points, series, projected)}
          dataKey="at"
          type={isStacked ? 'stacked' : 'default'}
          series={[...drawn, ...expected]}
          areaProps={({ name }) => ({
            isAnimationActive: false,
            ...(isStacked ? { stackId: drawn.some((one) => one.name === name) ? 'now' : 'projected' } : {}),
            ...(drawn.some((one) => one.name === name) ? {} : { fillOpacity: 0.12 }),
          })}
          areaChartProps={{ accessibilityLayer: false, margin: { top: 18, right: 26 } }}
          xAxisProps={{
            type: 'number',
            scale: 'time',
            domain: ['dataMin', 'dataMax'],
            ticks: [...ticks],
            tickFormatter: formatTime,
            interval: 0,
          }}
          yAxisProps={{ width: 54, allowDecimals: false }}
          tooltipProps={{ labelFormatter: (at) => (typeof at === 'number' ? formatTime(at) : '') }}
          referenceLines={
            last === undefined || projected === null
              ? []
              : [{ x: last.at, label: 'today', color: 'var(--t1)', labelPosition: 'top' }]
          }
          valueFormatter={formatCount}
          curveType="linear"
          connectNulls={false}
          withDots={points.length < 3}
          fillOpacity={isStacked ? 0.42 : 0.2}
          strokeWidth={1.6}
          strokeDasharray="0"
          gridColor="var(--line)"
          textColor="var(--t3)"
        />
      </div>
    </figure>
  );
}
