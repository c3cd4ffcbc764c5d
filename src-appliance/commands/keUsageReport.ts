import { usageKinds, type UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Appliance } from '../core/appliance.ts';
import { readUsageContext, withAccountSnapshot } from '../core/usage/usageContext.ts';
import { readArguments, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';

const program = 'ke_usage_report';
const kindNames = Object.keys(usageKinds).join('|');

type Print = Parameters<KeCommand>[0]['print'];
type ReportCall = { appliance: Appliance; month: string | undefined; hasKey: boolean; print: Print };

async function readContext({ appliance, month, print }: ReportCall) {
  const context = await readUsageContext(appliance, month);
  context.notes.forEach(print.note);
  return context;
}

/** Prints each kind, and loads only what it needs. */
const reports: Record<UsageKind, (call: ReportCall) => Promise<void>> = {
  standard: async (call) => {
    const context = await readContext(call);
    const { makeStandardReport } = await import('../core/usage/standardReport.ts');
    const report = await withAccountSnapshot(call.appliance, (reader) => makeStandardReport(context, reader));
    await call.print.exact(report);
  },
  'per-user': async (call) => {
    const context = await readContext(call);
    const { makePerUserReport } = await import('../core/usage/perUserReport.ts');
    await withAccountSnapshot(call.appliance, async (reader, { place }) => {
      for await (const text of makePerUserReport(context, { reader, place })) await call.print.exact(text);
    });
  },
  ping: async ({ appliance, month, hasKey, print }) => {
    if (month !== undefined) throw usage('a ping is of no month');
    const { makePingReport } = await import('../core/usage/pingReport.ts');
    await print.exact(await makePingReport(appliance, { hasKey }));
    if (!hasKey) print.note('the licence key is masked; --with-key prints what is sent');
  },
  summary: async (call) => {
    const context = await readContext(call);
    const { summariseUsage } = await import('../core/usage/usageSummary.ts');
    const summary = await withAccountSnapshot(call.appliance, (reader, { place }) =>
      summariseUsage(context, { reader, place }),
    );
    call.print.json(summary);
  },
};

const isKind = (kind: string | undefined): kind is UsageKind =>
  kind !== undefined && Object.hasOwn(usageKinds, kind);

/** Prints a report exactly as it would be sent **[doc: what is in it; ours: its form]**. Changes nothing. */
export const keUsageReport: KeCommand = async ({ words, appliance, print }) => {
  const found = readArguments(words, { flags: ['with-key'], values: ['kind', 'month'] });
  const kind = found.values.get('kind');
  if (found.words.length > 0 || !isKind(kind))
    throw usage(`usage: ${program} --kind ${kindNames} [--month YYYY-MM] [--with-key]`);
  const hasKey = found.flags.has('with-key');
  if (hasKey && kind !== 'ping') throw usage('--with-key is for --kind ping only');
  await reports[kind]({ appliance, month: found.values.get('month'), hasKey, print });
};
