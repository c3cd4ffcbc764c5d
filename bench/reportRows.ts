import { z } from 'zod';

/** A row of the table of all benchmarks. */
export type BenchRow = { name: string; work: string; figures: string; ratio: string; load: string };

const sizeSchema = z.looseObject({
  appliances: z.number(),
  ours: z.number().nullable(),
  peers: z.record(z.string(), z.number().nullable()),
  ratio: z.number().nullable(),
});
const reportSchema = z.looseObject({
  unit: z.string().default(''),
  ours: z.unknown().optional(),
  peers: z.unknown().optional(),
  ratio: z.unknown().optional(),
  sizes: z.array(sizeSchema).optional(),
});

const maxFigures = 18;

const namedSchema = z.looseObject({ name: z.string() });

/** The numbers of a value with the names that lead to them. Lists without names are left out. */
function listFigures(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value === 'number') return [[...path, Number(value.toPrecision(3))].join(' ')];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((part) => {
      const named = namedSchema.safeParse(part).data;
      return named === undefined ? [] : listFigures(named, [...path, named.name]);
    });
  return Object.entries(value).flatMap(([name, part]) => listFigures(part, [...path, name]));
}

function describe(report: z.infer<typeof reportSchema>): string {
  const { unit, ours, peers } = report;
  const stated = [...listFigures(ours, ['Sallyport']), ...listFigures(peers)];
  if (stated.length > 0) return `${stated.slice(0, maxFigures).join(', ')}${unit === '' ? '' : ` (${unit})`}`;
  const { machine: _machine, ...rest } = report;
  return listFigures(rest).slice(0, maxFigures).join(', ');
}

const ratioText = (ratio: unknown): string => (typeof ratio === 'number' ? ratio.toFixed(2) : '');

/** The first JSON document in the output of a benchmark. */
function findReport(out: string): unknown {
  return JSON.parse(out.slice(out.indexOf('{')));
}

/** The rows of what a benchmark printed with `--json`. Throws if it is no report. */
export function rowsOfReport(out: string): Pick<BenchRow, 'work' | 'figures' | 'ratio'>[] {
  const report = reportSchema.parse(findReport(out));
  if (report.sizes === undefined)
    return [{ work: '', figures: describe(report), ratio: ratioText(report.ratio) }];
  return report.sizes.map((size) => ({
    work: `${size.appliances} appliances`,
    figures: describe({ ...size, unit: report.unit }),
    ratio: ratioText(size.ratio),
  }));
}
