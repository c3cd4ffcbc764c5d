import { z } from 'zod';
import { numberSetting, switchSetting, textSetting } from '../../base/settingFields.ts';
import { parseClosedDays } from './closedDays.ts';
import { orderedSteps, workSteps, type WorkRole, type WorkStep } from './calendar.ts';

function daysSetting(label: string, days: number) {
  return numberSetting({
    label,
    inputLabel: `${label}: days before the last day of the licence`,
    unit: 'days before the last day',
    min: 0,
    max: 365,
    default: days,
  });
}

/** How early each step of a renewal is planned, and the closed days. The defaults are **[ours]**. */
export const leadTimesSchema = z.strictObject({
  quoteDays: daysSetting('Quote', 35),
  orderDays: daysSetting('Order', 21),
  carryDays: daysSetting('Carry', 10),
  applyDays: daysSetting('Apply', 5),
  closedDays: textSetting({
    label: 'Closed days, beside weekends',
    placeholder: '24 Dec – 3 Jan, 2027-05-17 – 2027-05-21',
    maxLength: 1000,
    lines: 3,
    accepts: (text) => parseClosedDays(text) !== null,
    form: 'days or ranges such as 24 Dec – 3 Jan or 2027-05-17 – 2027-05-21, with commas between them',
  }),
});
export type LeadTimes = z.infer<typeof leadTimesSchema>;

const stepFields = {
  quote: 'quoteDays',
  order: 'orderDays',
  carry: 'carryDays',
  apply: 'applyDays',
} as const satisfies Record<WorkStep, keyof LeadTimes>;
type StepField = (typeof stepFields)[WorkStep];

/** A step that is planned after the step that follows it: its days must be at least `least`. */
export type LeadTimesProblem = { field: StepField; least: number; following: StepField; message: string };

/** The first step that is planned after a later one. Null if each step comes before the next one. Ignores missing days. */
export function findLeadTimesProblem(days: Partial<Record<StepField, number>>): LeadTimesProblem | null {
  const given = orderedSteps.flatMap((step) => {
    const field = stepFields[step];
    const value = days[field];
    return value === undefined ? [] : [{ step, field, value }];
  });
  for (const [index, { step, field, value }] of given.entries()) {
    const following = given[index + 1];
    if (following === undefined || value >= following.value) continue;
    const [first, second] = [workSteps[step].label, workSteps[following.step].label];
    return {
      field,
      least: following.value,
      following: following.field,
      message: `“${first}” must be at least ${following.value} days before the last day, because “${second}” comes after it.`,
    };
  }
  return null;
}

/** Lead times as people may set them. What is saved or locked already may break the order, and is still read. */
export const orderedLeadTimesSchema = leadTimesSchema.superRefine((leadTimes, context) => {
  const problem = findLeadTimesProblem(leadTimes);
  if (problem !== null) context.addIssue({ code: 'custom', path: [problem.field], message: problem.message });
});

export function daysBeforeOf(leadTimes: LeadTimes): Record<WorkStep, number> {
  const { quoteDays, orderDays, carryDays, applyDays } = leadTimes;
  return { quote: quoteDays, order: orderDays, carry: carryDays, apply: applyDays };
}

const maxReminders = 10;
const maxReminderDays = 365;

/** Reads days such as `14, 3`, the largest first and each once; null if a part is no number from 0 to 365. */
export function parseReminderDays(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/u).filter((part) => part !== '');
  const days = parts.map((part) => (/^\d{1,3}$/u.test(part) ? Number(part) : Number.NaN));
  if (days.length > maxReminders || !days.every((day) => day <= maxReminderDays)) return null;
  return [...new Set(days)].sort((a, b) => b - a);
}

function reminderSetting(label: string, suggested: string) {
  return textSetting({
    label,
    placeholder: suggested,
    maxLength: 60,
    lines: 1,
    default: suggested,
    accepts: (text) => parseReminderDays(text) !== null,
    form: `at most ${maxReminders} numbers of days up to ${maxReminderDays}, such as ${suggested}, or nothing for no reminder`,
  });
}

/** When each role is reminded of a renewal. The defaults are **[ours]**. */
export const remindersSchema = z.strictObject({
  purchasingDays: reminderSetting('Purchasing: days before quote and order dates', '14, 3'),
  managerDays: reminderSetting('Licence manager: days before carry and apply dates', '7, 1'),
  administratorDays: reminderSetting('Administrator: days before expiry', '30, 14, 3'),
  dailyInGrace: switchSetting({ label: 'Administrator: daily in grace', default: true }),
});
export type Reminders = z.infer<typeof remindersSchema>;

/** The days before a date on which each role is reminded, the earliest first. */
export function reminderDaysOf(reminders: Reminders): Record<WorkRole, readonly number[]> {
  return {
    purchasing: parseReminderDays(reminders.purchasingDays) ?? [],
    manager: parseReminderDays(reminders.managerDays) ?? [],
    administrator: parseReminderDays(reminders.administratorDays) ?? [],
  };
}
