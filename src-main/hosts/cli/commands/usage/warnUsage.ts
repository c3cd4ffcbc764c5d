import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { formatMoney } from '../../../../../src-shared/model/billing/invoice.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';

export type WarnOptions = { above?: string; currency?: string; off?: boolean };

/** Sets, turns off or shows the amount above which the console warns, and how the last kept counts stand to it. */
export function warnUsage(globals: Globals, name: string, options: WarnOptions): Promise<number> {
  const { above, currency = null, off = false } = options;
  return withConsole(globals, async (services) => {
    const { id } = findAppliance(services, name);
    const { usageWarnings } = services;
    const warning =
      off || above !== undefined
        ? await usageWarnings.set(id, above === undefined ? null : { amount: above, currency })
        : usageWarnings.get(id);
    const { threshold, checked, error } = warning;
    globals.output.print({ name, ...warning }, () => {
      if (threshold === null) return `${name}: no warning is set.`;
      const limit = `${name}: warns above ${formatMoney(threshold.amount, threshold.currency)} a month.`;
      if (error !== null) return `${limit} Not compared: ${error.message}`;
      return checked === null
        ? `${limit} No counts are kept yet; sallyport usage sample ${name} keeps them.`
        : `${limit} ${checked.month}: ${checked.message}`;
    });
    return exitCodes.done;
  });
}
