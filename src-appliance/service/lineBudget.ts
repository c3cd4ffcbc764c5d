import type { ServiceLog } from './syslog.ts';
import { minuteMs, secondMs } from '../../src-shared/base/time.ts';

/**
 * How many lines a tenant may cause at once, because all its ports may open or close together. Then one line
 * every few seconds **[ours]**.
 */
const minBurst = 100;
const linesPerPort = 4;
const everyMs = 5 * secondMs;
/** How often to log the number of dropped lines. */
const reportMs = minuteMs;

type Budget = { left: number; burst: number; refilledAt: number; omitted: number };

function maxBurst(ports: number): number {
  return Math.max(minBurst, ports * linesPerPort);
}

/**
 * Limits the log lines of each tenant, so that a tenant whose ports keep opening and closing doesn't fill the
 * log. For all tenants together, the limit is enough if all ports open and close twice at once.
 */
export function createLineBudget({
  log,
  portCount,
  now = () => performance.now(),
}: {
  log: ServiceLog;
  portCount: number;
  now?: () => number;
}) {
  const budgets = new Map<string, Budget>();
  const create = (burst: number): Budget => ({ left: burst, burst, refilledAt: now(), omitted: 0 });
  const all = create(maxBurst(portCount));
  let reportedAt = now();
  const refill = (budget: Budget, intervalMs: number) => {
    const earned = Math.floor((now() - budget.refilledAt) / intervalMs);
    budget.left = Math.min(budget.burst, budget.left + earned);
    budget.refilledAt += earned * intervalMs;
  };
  return {
    log: (tenant: { clientId: string; portCount: number }, message: string): void => {
      const { clientId } = tenant;
      const budget = budgets.get(clientId) ?? create(maxBurst(tenant.portCount));
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
    /**
     * Call it regularly. Logs the number of dropped lines and deletes data of tenants without recent lines.
     */
    reportDropped: (): void => {
      if (now() - reportedAt < reportMs) return;
      reportedAt = now();
      for (const [clientId, budget] of budgets) {
        refill(budget, everyMs);
        if (budget.omitted > 0)
          log('warning', `tenant ${clientId}: ${budget.omitted} lines about its forwards were dropped`);
        budget.omitted = 0;
        if (budget.left === budget.burst) budgets.delete(clientId);
      }
    },
  };
}
