import chart from './chart.module.css';

/** What each colour of a chart stands for, with its present value. */
export function ChartLegend({
  label,
  entries,
}: {
  label: string;
  entries: readonly { label: string; color: string; value: string }[];
}) {
  return (
    <ul className={chart.legend} aria-label={label}>
      {entries.map((entry) => (
        <li key={entry.label}>
          <span className={chart.swatch} style={{ background: entry.color }} />
          <b>{entry.label}</b> {entry.value}
        </li>
      ))}
    </ul>
  );
}
