import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { ChartPoint } from '../../../ui/chart/chartSeries.ts';
import type { Trend } from './trendData.ts';
import styles from '../usage.module.css';

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** The figures of a chart, newest first. */
export function TrendTable({ label, trend }: { label: string; trend: Trend }) {
  const columns = trend.series.toReversed();
  const row = (point: ChartPoint, note: string) => (
    <tr key={point.at}>
      <th scope="row">
        {dayOf(point.at)}
        {note}
      </th>
      {columns.map(({ name }) => (
        <td key={name}>{point[name] == null ? '–' : formatCount(point[name])}</td>
      ))}
    </tr>
  );
  return (
    <section className={styles.scrolled} data-testid="table" aria-label={label} tabIndex={0}>
      <table className={styles.figures} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {columns.map(({ name, label: text }) => (
              <th key={name} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trend.projected === null ? null : row(trend.projected, ', projected')}
          {trend.points.toReversed().map((point) => row(point, ''))}
        </tbody>
      </table>
    </section>
  );
}
