import { guardLogStore, type LogDatabase } from '../database.ts';
import { createPruner, type KeepLimits } from './prune.ts';
import { createFilterTurner } from './turnFilters.ts';

/** The work of the log store between appends. Each step takes some milliseconds. */
export function createMaintenance({ sqlite }: LogDatabase) {
  const turner = createFilterTurner(sqlite);
  const pruner = createPruner(sqlite);
  const steps = [
    (limitsOf: (applianceId: string) => KeepLimits, now: number) =>
      sqlite.transaction(() => pruner.step(limitsOf, now)).immediate(),
    () => sqlite.transaction(() => turner.step()).immediate(),
    () => pruner.shrink(),
  ];

  return {
    /** Does the next step. Returns false if nothing is left to do. Throws LOG_STORE_FULL or STORE_FAILED. */
    step: (limitsOf: (applianceId: string) => KeepLimits, now: number): boolean =>
      guardLogStore(() => steps.some((step) => step(limitsOf, now))),
  };
}
