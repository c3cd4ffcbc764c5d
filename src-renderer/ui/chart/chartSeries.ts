/** A line or an area of a chart. */
export type ChartSeries = { name: string; label: string; color: string };

/** Colours that can be told apart in both themes, in order. */
export const chartColors = [
  'var(--c1)',
  'var(--c2)',
  'var(--c3)',
  'var(--c4)',
  'var(--c5)',
  'var(--c6)',
] as const;

/** Values of all series at one time (epoch ms). Null: not known. */
export type ChartPoint = { at: number; [series: string]: number | null };

const projectedSuffix = ' (projected)';

/** The name of the series that goes on with a projection. */
export const nameProjected = (name: string): string => `${name}${projectedSuffix}`;

/** Adds the series of the projection, which begin at the last point, so that the lines meet. */
export function withProjection(
  points: readonly ChartPoint[],
  series: readonly ChartSeries[],
  projected: ChartPoint | null,
): ChartPoint[] {
  const last = points.at(-1);
  if (projected === null || last === undefined) return [...points];
  const rename = (point: ChartPoint) =>
    Object.fromEntries(series.map(({ name }) => [nameProjected(name), point[name] ?? null]));
  return [...points.slice(0, -1), { ...last, ...rename(last) }, { at: projected.at, ...rename(projected) }];
}
