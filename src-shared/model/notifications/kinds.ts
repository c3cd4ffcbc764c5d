import { z } from 'zod';
import { hoursSetting, limitSetting } from '../../base/settingFields.ts';
import {
  evaluateDown,
  evaluateFlapping,
  evaluateKeyAge,
  evaluateQuota,
  type Evaluate,
} from './evaluators.ts';
import { minuteMs } from '../../base/time.ts';

export const notificationKindNames = [
  'appliance-unseen',
  'tunnel-down',
  'tunnel-flapping',
  'quota-nearly-used',
  'key-old',
  'licence-due',
  'log-watch',
  'usage-amount',
] as const;
export type NotificationKind = (typeof notificationKindNames)[number];

/**
 * When the console raises a notification. A rule is off if its limit is null. The defaults are **[ours]**.
 */
export const notificationRulesSchema = z.strictObject({
  unseenMinutes: limitSetting({
    label: 'An appliance can’t be seen for',
    inputLabel: 'Minutes unseen',
    unit: 'minutes',
    min: 1,
    max: 10_080,
    default: 5,
  }),
  downMinutes: limitSetting({
    label: 'A tunnel stays down for',
    inputLabel: 'Minutes down',
    unit: 'minutes',
    min: 1,
    max: 10_080,
    default: 5,
  }),
  flapsPerHour: limitSetting({
    label: 'A tunnel drops',
    inputLabel: 'Drops within an hour',
    unit: 'times within an hour',
    min: 2,
    max: 1000,
    default: 4,
  }),
  quotaPercent: limitSetting({
    label: 'A tenant uses',
    inputLabel: 'Percent of its ports',
    unit: '% of its ports',
    min: 1,
    max: 100,
    default: 90,
  }),
  keyDays: limitSetting({
    label: 'A key is older than',
    inputLabel: 'Days',
    unit: 'days',
    min: 1,
    max: 3650,
    default: 365,
  }),
  /**
   * In the console's time zone. A notification that is raised in quiet hours appears in the list only,
   * without a pop-up.
   */
  quietHours: hoursSetting({
    label: 'Quiet hours (no pop-ups)',
    inputLabels: ['Quiet from', 'Quiet until'],
    suggested: { from: '22:00', to: '06:00' },
  }),
});
export type NotificationRules = z.infer<typeof notificationRulesSchema>;
export const defaultNotificationRules = notificationRulesSchema.parse({});

type NotificationKindFacts = {
  label: string;
  tone: 'warn' | 'bad';
  /**
   * State in the list: `ongoing` while the problem lasts, `resolved` after the notification has cleared.
   */
  ongoing: string;
  resolved: string;
  /**
   * If true, the notification stays open while the whole tenant is down, because its tunnel can't be seen
   * then.
   */
  isAboutTunnel: boolean;
  /** If true, a port that can't be seen takes the text of the tenant's notification of the same kind. */
  takesTenantText: boolean;
  /** How long the problem must be over before the notification clears, in ms. */
  settleMs: number;
} & (
  | {
      about: 'tenant';
      evaluate: Evaluate;
      /** The rule that enables this kind of notification and contains its limit. */
      rule: Exclude<keyof NotificationRules, 'quietHours' | 'unseenMinutes'>;
    }
  /** An appliance that does not answer, so that nothing else can be said about it. */
  | { about: 'appliance'; rule: 'unseenMinutes' }
  /**
   * A reminder about the appliance's licence, by the reminders of the licence calendar. It names no tenant and is raised
   * once.
   */
  | { about: 'licence'; rule: null }
  /** An alert of a rule that watches logs. It ends with the rule's quiet time. */
  | { about: 'log'; rule: null }
  /** An amount of a month above the limit of its appliance. Each month raises it once to date, and once by projection. */
  | { about: 'usage'; rule: null }
);

export const notificationKinds = {
  'appliance-unseen': {
    label: 'Appliance not seen',
    tone: 'bad',
    ongoing: 'still not seen',
    resolved: 'over',
    rule: 'unseenMinutes',
    about: 'appliance',
    isAboutTunnel: false,
    takesTenantText: false,
    settleMs: 0,
  },
  'tunnel-down': {
    label: 'Tunnel down',
    tone: 'bad',
    ongoing: 'still down',
    resolved: 'back up',
    rule: 'downMinutes',
    about: 'tenant',
    evaluate: evaluateDown,
    isAboutTunnel: true,
    takesTenantText: true,
    settleMs: 0,
  },
  'tunnel-flapping': {
    label: 'Tunnel flapping',
    tone: 'bad',
    ongoing: 'still flapping',
    resolved: 'stable again',
    rule: 'flapsPerHour',
    about: 'tenant',
    evaluate: evaluateFlapping,
    isAboutTunnel: true,
    takesTenantText: false,
    settleMs: 0,
  },
  'quota-nearly-used': {
    label: 'Running out of ports',
    tone: 'warn',
    ongoing: 'ongoing',
    resolved: 'resolved',
    rule: 'quotaPercent',
    about: 'tenant',
    evaluate: evaluateQuota,
    isAboutTunnel: false,
    takesTenantText: false,
    // A tenant that reconnects requests its ports one after the other.
    settleMs: minuteMs,
  },
  'key-old': {
    label: 'Old key',
    tone: 'warn',
    ongoing: 'ongoing',
    resolved: 'resolved',
    rule: 'keyDays',
    about: 'tenant',
    evaluate: evaluateKeyAge,
    isAboutTunnel: false,
    takesTenantText: false,
    settleMs: 0,
  },
  'licence-due': {
    label: 'Licence due',
    tone: 'warn',
    ongoing: 'still due',
    resolved: 'no longer due',
    rule: null,
    about: 'licence',
    isAboutTunnel: false,
    takesTenantText: false,
    settleMs: 0,
  },
  'log-watch': {
    label: 'Log rule',
    tone: 'warn',
    ongoing: 'just now',
    resolved: 'over',
    rule: null,
    about: 'log',
    isAboutTunnel: false,
    takesTenantText: false,
    settleMs: 0,
  },
  'usage-amount': {
    label: 'Bill above limit',
    tone: 'warn',
    ongoing: 'still above',
    resolved: 'over',
    rule: null,
    about: 'usage',
    isAboutTunnel: false,
    takesTenantText: false,
    settleMs: 0,
  },
} as const satisfies Record<NotificationKind, NotificationKindFacts>;
