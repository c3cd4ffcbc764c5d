import type { z } from 'zod';
import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import {
  orderedLeadTimesSchema,
  remindersSchema,
} from '../../../../../src-shared/model/licence/calendarSettings.ts';
import {
  daySchema,
  snoozeReasonSchema,
  workNoteSchema,
  type MarkedStep,
} from '../../../../../src-shared/model/licence/licenceWork.ts';
import type { Services } from '../../../../services.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';

/** The last known licence of an appliance. Throws NOT_FOUND if none is known. */
function findLicence(services: Services, name: string): { applianceId: string; sequence: number | null } {
  const { id } = findAppliance(services, name);
  const licence = services.fleet.known(id).licence?.value;
  if (licence === undefined)
    throw new AppError(
      'NOT_FOUND',
      `The licence of ${name} was never read. Read it with: sallyport licence show ${name}`,
    );
  return { applianceId: id, sequence: licence.sequence };
}

function parseOption<T>(schema: z.ZodType<T>, option: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('INVALID_INPUT', `${option}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}

/** Raises no reminder before a day, or ends that. */
export function snoozeLicence(
  globals: Globals,
  request: { appliance: string; until?: string; reason?: string; end: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { appliance } = request;
    if (request.end !== (request.until === undefined && request.reason === undefined))
      throw new AppError('INVALID_INPUT', 'Give --until and --reason, or --end alone.');
    const licence = findLicence(services, appliance);
    if (request.end) await services.licenceWork.endSnooze(licence);
    else {
      const until = parseOption(daySchema, '--until', request.until);
      const reason = parseOption(snoozeReasonSchema, '--reason', request.reason ?? '');
      await services.licenceWork.snooze({ ...licence, until, reason });
    }
    const { snooze } = services.fleet.view(licence.applianceId).schedule;
    globals.output.print({ name: appliance, snooze }, () =>
      snooze === null
        ? `Reminders of ${appliance} are not snoozed.`
        : `Reminders of ${appliance} are snoozed until ${snooze.until} by ${snooze.by}: ${snooze.reason}`,
    );
    return exitCodes.done;
  });
}

/** Marks a step of a renewal as done, or not done. */
export function markLicenceStep(
  globals: Globals,
  request: { appliance: string; step: MarkedStep; note: string; undo: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { appliance, step, undo } = request;
    const licence = findLicence(services, appliance);
    const note = parseOption(workNoteSchema, '--note', request.note);
    await services.licenceWork.markStep({ ...licence, step, isDone: !undo, note });
    const { dates, next } = services.fleet.view(licence.applianceId).schedule;
    globals.output.print(
      { name: appliance, dates, next },
      () => `${appliance}: ${step} is ${undo ? 'not done' : 'done'}.`,
    );
    return exitCodes.done;
  });
}

export type ReminderOptions = Partial<Record<'purchasing' | 'manager' | 'administrator', string>> & {
  dailyInGrace?: boolean;
};
export type LeadTimeOptions = Partial<Record<'quote' | 'order' | 'carry' | 'apply', number>> & {
  closed?: string;
};

/** Leaves out what was not given. */
const given = (changes: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));

/** Each setting with the option that changes it. */
const show = (settings: readonly (readonly [option: string, value: string | number | boolean])[]) =>
  settings
    .map(([option, value]) => `${option.padEnd(18)}${value === '' ? '–' : formatSetting(value)}`)
    .join('\n');

const formatSetting = (value: string | number | boolean) =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;

/** Prints when roles are reminded, after changing what the options name. */
export function changeReminders(globals: Globals, options: ReminderOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const changes = given({
      purchasingDays: options.purchasing,
      managerDays: options.manager,
      administratorDays: options.administrator,
      dailyInGrace: options.dailyInGrace,
    });
    if (Object.keys(changes).length > 0) {
      const next = { ...services.licenceWork.reminders(), ...changes };
      await services.licenceWork.setReminders(parseOption(remindersSchema, 'reminders', next));
    }
    const reminders = services.licenceWork.reminders();
    globals.output.print(reminders, () =>
      show([
        ['--purchasing', reminders.purchasingDays],
        ['--manager', reminders.managerDays],
        ['--administrator', reminders.administratorDays],
        ['--daily-in-grace', reminders.dailyInGrace],
      ]),
    );
    return exitCodes.done;
  });
}

/** Prints how early each step is planned, after changing what the options name. */
export function changeLeadTimes(globals: Globals, options: LeadTimeOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const changes = given({
      quoteDays: options.quote,
      orderDays: options.order,
      carryDays: options.carry,
      applyDays: options.apply,
      closedDays: options.closed,
    });
    if (Object.keys(changes).length > 0) {
      const next = { ...services.licenceWork.leadTimes(), ...changes };
      await services.licenceWork.setLeadTimes(parseOption(orderedLeadTimesSchema, 'lead times', next));
    }
    const leadTimes = services.licenceWork.leadTimes();
    globals.output.print(leadTimes, () =>
      show([
        ['--quote', leadTimes.quoteDays],
        ['--order', leadTimes.orderDays],
        ['--carry', leadTimes.carryDays],
        ['--apply', leadTimes.applyDays],
        ['--closed', leadTimes.closedDays],
      ]),
    );
    return exitCodes.done;
  });
}
