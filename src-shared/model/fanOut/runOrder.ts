import { z } from 'zod';
import type { RunTask } from './runTask.ts';

export const maxWave = 50;
export const maxWatchSeconds = 3600;
/** More appliances than any console manages today **[ours]**. */
export const maxRunAppliances = 2000;

/** The order of a run. Each wave ends before the next one starts. */
export const runOrderSchema = z.strictObject({
  /** Runs first and alone. Null for none. */
  canaryId: z.uuid().nullable(),
  /** At most this many at once. */
  wave: z.int().min(1).max(maxWave),
  /** Nothing new starts after this many failures; what runs already ends. Null never stops. */
  stopAfter: z.int().min(1).max(maxRunAppliances).nullable(),
  /** How long the tunnels of the canary are watched before the first wave. */
  watchSeconds: z.int().min(0).max(maxWatchSeconds),
});
export type RunOrder = z.infer<typeof runOrderSchema>;

/** The order as it is asked for. `first`: the canary is the first appliance that can take the task. */
export const requestedOrderSchema = runOrderSchema.extend({
  canaryId: z.literal('first').or(z.uuid()).nullable(),
});
export type RequestedOrder = z.infer<typeof requestedOrderSchema>;

type TaskKindFacts = {
  /** Whether it changes appliances: it is planned before, needs a reason, and may be rolled back. */
  isChange: boolean;
  /** The lowest role that may run it. */
  role: 'viewer' | 'operator' | 'admin';
  /** The order unless the user chooses another one. */
  order: { hasCanary: boolean } & Omit<RunOrder, 'canaryId'>;
};

const change = {
  isChange: true,
  order: { hasCanary: true, wave: 2, stopAfter: 1, watchSeconds: 120 },
} as const;

export const taskKinds: Readonly<Record<RunTask['kind'], TaskKindFacts>> = {
  read: {
    isChange: false,
    role: 'viewer',
    order: { hasCanary: false, wave: 8, stopAfter: null, watchSeconds: 0 },
  },
  tenant: { ...change, role: 'operator' },
  configuration: { ...change, role: 'admin' },
};

export type Wave = { name: string; isCanary: boolean; ids: readonly string[] };
type Ordered = { id: string; isProduction: boolean };

const chunk = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/**
 * The waves of a run in order: the canary alone, then the others by wave size, those marked as production last. A wave
 * never mixes production with others. Pure.
 */
export function planWaves(
  appliances: readonly Ordered[],
  { canaryId, wave }: Pick<RunOrder, 'canaryId' | 'wave'>,
): Wave[] {
  const rest = appliances.filter(({ id }) => id !== canaryId);
  const waveOf = (name: string, isProduction: boolean): Wave[] =>
    chunk(
      rest.filter((one) => one.isProduction === isProduction).map(({ id }) => id),
      wave,
    ).map((ids) => ({ name, isCanary: false, ids }));
  const canary = appliances.some(({ id }) => id === canaryId) && canaryId !== null ? [canaryId] : [];
  return [
    ...canary.map((id) => ({ name: 'Canary', isCanary: true, ids: [id] })),
    ...waveOf(rest.some(({ isProduction }) => isProduction) ? 'Others' : 'All', false),
    ...waveOf('Production', true),
  ];
}

/** The canary unless the user chooses one: the first that is not production, or else the first. */
export function defaultCanary(appliances: readonly Ordered[]): string | null {
  return (appliances.find(({ isProduction }) => !isProduction) ?? appliances[0])?.id ?? null;
}
