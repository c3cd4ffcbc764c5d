import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import {
  billingThresholdSchema,
  checkThreshold,
  thresholdStates,
  type BillingThreshold,
} from '../../src-shared/model/billing/thresholds.ts';
import { findCurrencyDigits } from '../../src-shared/model/billing/currencies.ts';
import { formatMoney } from '../../src-shared/model/billing/invoice.ts';
import type { UsageAlert } from '../../src-shared/model/notifications/evaluateNotifications.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { KeptCounts, KeptCountsStore } from './keptCounts.ts';
import type { Thresholds } from './thresholds.ts';
import { priceCounts, problemOf, projectCounts } from './previewUsage.ts';

type Checked = ReturnType<typeof checkThreshold> & { month: string; takenAt: string; limit: string };

/** Compares a threshold with kept counts. Throws BILLING_PLAN_MISSING, BILLING_CURRENCIES_DIFFER and the errors of pricing. */
function checkCounts(threshold: BillingThreshold, latest: KeptCounts, kept: readonly KeptCounts[]): Checked {
  const { summary, plan } = latest;
  if (plan === null)
    throw new AppError('BILLING_PLAN_MISSING', 'No price plan was known with the last counts.');
  const { invoice, error } = priceCounts(summary, { plan });
  if (invoice === null) throw new AppError(error.code, error.message);
  const projection = projectCounts(summary, { plan }, kept);
  const projected = projection?.known === true ? projection : null;
  const amounts = {
    currency: invoice.currency,
    toDate: invoice.total,
    projected: projected?.invoice.total ?? null,
    high: projected?.high ?? null,
  };
  const limit = formatMoney(threshold.amount, threshold.currency);
  return { ...checkThreshold(threshold, amounts), month: summary.month, takenAt: summary.takenAt, limit };
}

/** Throws INVALID_INPUT for an amount that is none, and for a currency that ISO 4217 does not list. */
function readThreshold(input: { amount: string; currency: string | null }): BillingThreshold {
  const threshold = billingThresholdSchema.safeParse(input);
  if (!threshold.success)
    throw new AppError(
      'INVALID_INPUT',
      'Enter an amount such as 4500 or 4500.50, and a currency such as EUR.',
      {
        detail: { field: 'amount' },
      },
    );
  if (findCurrencyDigits(threshold.data.currency) === null)
    throw new AppError('INVALID_INPUT', `ISO 4217 lists no currency ${threshold.data.currency}.`, {
      detail: { field: 'currency' },
    });
  return threshold.data;
}

function createRows(store: Store) {
  const { query } = store;
  const raised = query.selectFrom('usageWarningRaised').selectAll();
  return {
    /** Another amount is another warning: nothing of it was raised. */
    forget: (applianceId: string): void =>
      void store.run(query.deleteFrom('usageWarningRaised').where('applianceId', '=', applianceId)),
    raise: (row: {
      applianceId: string;
      month: string;
      state: string;
      text: string;
      raisedAt: string;
    }): void =>
      void store.run(
        query
          .insertInto('usageWarningRaised')
          .values({ ...row, endedAt: null })
          .onConflict((conflict) => conflict.doNothing()),
      ),
    /** Ends a warning of `month`, and all warnings of other months. */
    end: (applianceId: string, ended: { month: string; state: string | null }, at: string): void => {
      const open = query.updateTable('usageWarningRaised').set({ endedAt: at });
      store.run(
        open
          .where('applianceId', '=', applianceId)
          .where('endedAt', 'is', null)
          .where((each) =>
            each.or([each('month', '!=', ended.month), each('state', '=', ended.state ?? '')]),
          ),
      );
    },
    listOpen: (month: string) =>
      store.all(raised.where('endedAt', 'is', null).where('month', '=', month).orderBy('raisedAt')),
  };
}

/** The amount of each appliance above which the console warns: once a month for the amount to date and once for the projection. */
export function createUsageWarnings(options: {
  inventory: { get: (id: string) => ApplianceEntry };
  kept: KeptCountsStore;
  store: Store;
  thresholds: Thresholds;
  clock: () => number;
  log: Pick<Log, 'error'>;
}) {
  const { inventory, kept, store, thresholds, clock, log } = options;
  const rows = createRows(store);
  const iso = () => new Date(clock()).toISOString();

  function check(applianceId: string): Checked | null {
    const threshold = thresholds.get(applianceId);
    const latest = kept.latest(applianceId, null);
    return threshold === null || latest === null
      ? null
      : checkCounts(threshold, latest, kept.list(applianceId));
  }

  /** An amount that is not known neither raises nor ends a warning. */
  function update(applianceId: string): void {
    const checked = check(applianceId);
    if (checked === null) return;
    const { month, lasting, limit } = checked;
    store.write(() => {
      for (const state of ['exceeded', 'expected'] as const) {
        const lasts = lasting[state];
        rows.end(applianceId, { month, state: lasts === false ? state : null }, iso());
        const text = thresholdStates[state].describe(limit);
        if (lasts === true) rows.raise({ applianceId, month, state, text, raisedAt: iso() });
      }
    });
  }

  function updateOrLog(applianceId: string): void {
    try {
      update(applianceId);
    } catch (thrown) {
      // Without an amount there is nothing to warn of; the preview says why it is missing.
      if (!(thrown instanceof AppError))
        log.error({ err: thrown, applianceId }, 'could not check a usage warning');
    }
  }
  const stop = kept.onKept(updateOrLog);

  /** The warning, and how the last kept counts stand to it. `error` says why that is not known. */
  function get(applianceId: string) {
    const { id } = inventory.get(applianceId);
    const threshold = thresholds.get(id);
    try {
      return { threshold, checked: check(id), error: null };
    } catch (thrown) {
      if (thrown instanceof AppError) return { threshold, checked: null, error: problemOf(thrown) };
      throw thrown;
    }
  }

  return {
    get,
    /**
     * Sets or, with null, deletes the amount. Without a currency, that of the plan. Throws INVALID_INPUT if no plan is known,
     * and BILLING_CURRENCIES_DIFFER.
     */
    set: async (applianceId: string, warning: { amount: string; currency: string | null } | null) => {
      const entry = inventory.get(applianceId);
      const planned = kept.latest(entry.id, null)?.plan?.currency ?? null;
      const currency = warning?.currency ?? planned;
      if (warning !== null && currency === null)
        throw new AppError(
          'INVALID_INPUT',
          `No price plan of ${entry.name} is known yet; name the currency.`,
          {
            detail: { field: 'currency' },
          },
        );
      const threshold = warning === null ? null : readThreshold({ amount: warning.amount, currency });
      await thresholds.set(entry.id, threshold);
      rows.forget(entry.id);
      updateOrLog(entry.id);
      return get(entry.id);
    },
    /** The warnings of the present month that last. */
    alerts: (): UsageAlert[] =>
      rows.listOpen(iso().slice(0, 7)).map(({ applianceId, month, state, text }) => ({
        applianceId,
        id: `${month} ${state}`,
        text: `${month}: ${text}`,
      })),
    close: stop,
  };
}
