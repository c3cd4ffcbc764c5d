import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import type { ChartSeries } from './chartSeries.ts';
import chart from './chart.module.css';

/** Horizontal bars, several for each name. A picture for screen readers, like `AreaTrend`. */
export function Bars({
  label,
  series,
  rows,
  format,
}: {
  label: string;
  series: readonly ChartSeries[];
  rows: readonly { name: string; [series: string]: string | number | null }[];
  format: (value: number) => string;
}) {
  return (
    <figure aria-label={label} className={chart.frame}>
      <div aria-hidden="true" className={chart.picture}>
        <BarChart
          h="100%"
          data={[...rows]}
          dataKey="name"
          orientation="vertical"
          series={[...series]}
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false, margin: { top: 8, right: 16 } }}
          yAxisProps={{ width: 170 }}
          valueFormatter={format}
          strokeDasharray="0"
          gridColor="var(--line)"
          textColor="var(--t3)"
        />
      </div>
    </figure>
  );
}
