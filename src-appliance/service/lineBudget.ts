import type { ServiceLog } from './syslog.ts';

/** Lines that a tenant gets at once: all its ports may open and close. After that it gets one every few seconds **[ours]**. */
const minBurst = 100;
const linesPerPort = 4;
/** Of all tenants together: all ports there are open and close. */
const burstOfAll = 4 * 3_000;
const everyMs = 5_000;
/** How often the log is told how many lines it did not get. */
const reportMs = 60_000;

type Budget = { left: number; burst: number; refilledAt: number; omitted: number };

/** Lines about tenants, bounded for each: one that opens and closes ports all the time does not fill the log. */
export function createLineBudget(log: ServiceLog, now: () => number = () => performance.now()) {
  const budgets = new Map<string, Budget>();
  const create = (burst: number): Budget => ({ left: burst, burst, refilledAt: now(), omitted: 0 });
  const all = create(burstOfAll);
  let reportedAt = now();
  const refill = (budget: Budget, intervalMs: number) => {
    const earned = Math.floor((now() - budget.refilledAt) / intervalMs);
    budget.left = Math.min(budget.burst, budget.left + earned);
    budget.refilledAt += earned * intervalMs;
  };
  return {
    log: ({ clientId, portCount }: { clientId: string; portCount: number }, message: string): void => {
      const budget = budgets.get(clientId) ?? create(Math.max(minBurst, portCount * linesPerPort));
      budgets.set(clientId, budget);
      refill(budget, everyMs);
      refill(all, everyMs / 100);
      if (budget.left === 0 || all.left === 0) {
        budget.omitted += 1;
        return;
      }
      budget.left -= 1;
      all.left -= 1;
      log('info', message);
    },
    /** To be called now and then: says what was left out, and forgets tenants that were quiet. */
    look: (): void => {
      if (now() - reportedAt < reportMs) return;
      reportedAt = now();
      for (const [clientId, budget] of budgets) {
        refill(budget, everyMs);
        if (budget.omitted > 0)
          log('warning', `tenant ${clientId}: ${budget.omitted} lines about its forwards were left out`);
        budget.omitted = 0;
        if (budget.left === budget.burst) budgets.delete(clientId);
      }
    },
  };
}
