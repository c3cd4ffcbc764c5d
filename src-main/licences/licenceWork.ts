import { AppError } from '../../src-shared/errors.ts';
import { minuteMs } from '../../src-shared/base/time.ts';
import {
  findLeadTimesProblem,
  type LeadTimes,
  type Reminders,
} from '../../src-shared/model/licence/calendarSettings.ts';
import { addDays, localDayOf, workSteps, type Day } from '../../src-shared/model/licence/calendar.ts';
import type { LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import type { LicenceSchedule, LicenceWork, MarkedStep } from '../../src-shared/model/licence/licenceWork.ts';
import { listDueReminders, type LicenceReminder } from '../../src-shared/model/licence/licenceReminders.ts';
import { settingGroups } from '../../src-shared/model/policy/settingGroups.ts';
import { scheduleRenewal } from '../../src-shared/model/licence/scheduleRenewal.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Audit } from '../audit/audit.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { PolicyService } from '../policy/policy.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { createLicenceWorkRows } from './licenceWorkRows.ts';

/** A reminder that waits longer would be forgotten **[ours]**. */
const maxSnoozeDays = 366;

/** A licence as the operator saw it: `sequence` is null if none was installed. */
type LicenceRef = { applianceId: string; sequence: number | null };

/** Which steps of each renewal are done, snoozes, lead times and reminders. */
export function createLicenceWork(options: {
  inventory: Pick<Inventory, 'list' | 'get'>;
  /** The last known licence of an appliance. */
  licenceOf: (applianceId: string) => LicenceShowOutput | null;
  audit: Pick<Audit, 'act'>;
  policy: Pick<PolicyService, 'locksOf'>;
  store: Store;
  changes: ChangeMarks;
  clock: () => number;
  operator: string;
  log: Pick<Log, 'error'>;
}) {
  const { inventory, audit, store, changes, clock, operator, policy } = options;
  const rows = createLicenceWorkRows({ store });
  const leadTimes = createSetting({
    store,
    locks: policy.locksOf('licenceLeadTimes'),
    ...settingGroups.licenceLeadTimes,
  });
  const reminders = createSetting({
    store,
    locks: policy.locksOf('licenceReminders'),
    ...settingGroups.licenceReminders,
  });
  let planning: LeadTimes | null = null;
  let reminding: Reminders | null = null;
  const today = () => localDayOf(clock());

  function forget(): void {
    rows.forget();
    planning = null;
    reminding = null;
  }
  function markAll(): void {
    forget();
    changes.mark({ licences: true });
    for (const { id } of inventory.list()) changes.mark({ appliance: id });
  }

  const digest = () => `${today()} ${rows.digest()} ${JSON.stringify([leadTimes.get(), reminders.get()])}`;
  let lastDigest = digest();
  function markIfChanged(): void {
    const next = digest();
    if (next === lastDigest) return;
    lastDigest = next;
    markAll();
  }
  const stopForeign = store.onForeignChange(markIfChanged);
  // Dates become due when a day begins.
  const stopTimer = callEvery({
    everyMs: minuteMs,
    work: markIfChanged,
    onError: (thrown) => options.log.error({ err: thrown }, 'could not update the licence calendar'),
  });

  const workOf = (applianceId: string, licence: Pick<LicenceShowOutput, 'sequence'>) =>
    rows.workOf(applianceId, licence.sequence ?? 0);

  function scheduleOf(applianceId: string, licence: LicenceShowOutput): LicenceSchedule {
    return scheduleRenewal({
      licence,
      work: workOf(applianceId, licence),
      trip: rows.openTripOf(applianceId),
      leadTimes: (planning ??= leadTimes.get()),
      now: clock(),
    });
  }

  /** Throws NOT_FOUND, or CONFLICT if another licence is installed by now. */
  function assertCurrent({ applianceId, sequence }: LicenceRef): string {
    const { name } = inventory.get(applianceId);
    const licence = options.licenceOf(applianceId);
    if (licence !== null && licence.sequence === sequence) return name;
    throw new AppError('CONFLICT', `${name} has another licence by now. Nothing was changed.`);
  }

  function change(licence: LicenceRef, make: (work: LicenceWork) => LicenceWork): void {
    const { applianceId } = licence;
    const sequence = licence.sequence ?? 0;
    rows.forget();
    rows.write(applianceId, sequence, make(rows.workOf(applianceId, sequence)));
    changes.mark({ licences: true, appliance: applianceId });
  }
  const stamp = () => ({ at: new Date(clock()).toISOString(), by: operator });

  async function saveSetting<T extends LeadTimes | Reminders>(
    label: string,
    setting: { get: () => T; set: (value: T) => void },
    value: T,
  ): Promise<void> {
    const detail = `${JSON.stringify(setting.get())} → ${JSON.stringify(value)}`;
    await audit.act({ event: 'licence.settings', object: label, detail }, () => setting.set(value));
    markAll();
  }

  return {
    scheduleOf,
    leadTimes: leadTimes.get,
    reminders: reminders.get,
    /** Rejects with INVALID_INPUT if a step would come after the next one. */
    setLeadTimes: async (value: LeadTimes) => {
      const problem = findLeadTimesProblem(value);
      if (problem !== null) throw new AppError('INVALID_INPUT', problem.message);
      await saveSetting('lead times', leadTimes, value);
    },
    setReminders: (value: Reminders) => saveSetting('licence reminders', reminders, value),
    /** The reminders about a licence that are due now. */
    dueReminders: (applianceId: string, licence: LicenceShowOutput): LicenceReminder[] =>
      listDueReminders({
        licence,
        schedule: scheduleOf(applianceId, licence),
        reminders: (reminding ??= reminders.get()),
        snoozedUntil: workOf(applianceId, licence).snooze?.until ?? null,
        now: clock(),
      }),
    /** Raises no reminder before the day `until`. */
    snooze: async (request: LicenceRef & { until: Day; reason: string }): Promise<void> => {
      const { until, reason } = request;
      const object = assertCurrent(request);
      if (until <= today() || until > addDays(today(), maxSnoozeDays))
        throw new AppError('INVALID_INPUT', `Snooze until a day after today, at most ${maxSnoozeDays} days.`);
      await audit.act({ event: 'licence.snooze', object, detail: `until ${until}: ${reason}` }, () =>
        change(request, (work) => ({ ...work, snooze: { until, reason, ...stamp() } })),
      );
    },
    endSnooze: async (request: LicenceRef): Promise<void> => {
      const object = assertCurrent(request);
      await audit.act({ event: 'licence.snooze', object, detail: 'ended' }, () =>
        change(request, (work) => {
          // The reminders that were due during the snooze are raised on the day on which it ended.
          const snooze = work.snooze === null ? null : { ...work.snooze, until: today() };
          return { ...work, snooze };
        }),
      );
    },
    /** Marks a step as done, or not done. `note` is e.g. a PO number. */
    markStep: async (
      request: LicenceRef & { step: MarkedStep; isDone: boolean; note: string },
    ): Promise<void> => {
      const { step, isDone, note } = request;
      const object = assertCurrent(request);
      const detail = `${workSteps[step].label}: ${isDone ? `done${note === '' ? '' : `, ${note}`}` : 'not done'}`;
      await audit.act({ event: 'licence.step', object, detail }, () =>
        change(request, (work) => {
          const { [step]: _, ...others } = work.done;
          return { ...work, done: isDone ? { ...others, [step]: { ...stamp(), note } } : others };
        }),
      );
    },
    /** Reads trips again, because one was changed. */
    onTripChanged: (entryId: string | null): void => {
      rows.forget();
      if (entryId !== null) changes.mark({ appliance: entryId });
    },
    close: () => {
      stopForeign();
      stopTimer();
    },
  };
}
export type LicenceWorkService = ReturnType<typeof createLicenceWork>;
