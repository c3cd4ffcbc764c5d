import {
  type NotificationRules,
  notificationRulesSchema,
} from '../../../src-shared/model/notifications/notification.ts';
import { type Probing, probingSchema } from '../../../src-shared/model/tunnels/probe.ts';

/** A rule as the form holds it: the number stays while the rule is off, so that it can be switched on again. */
type RuleForm = { on: boolean; number: string };
const ruleNames = ['downMinutes', 'flapsPerHour', 'quotaPercent', 'keyDays'] as const;
export type RuleName = (typeof ruleNames)[number];
export type RulesForm = Record<RuleName, RuleForm> & { quiet: { on: boolean; from: string; to: string } };
export type Problems = Partial<Record<string, string>>;

/** What a number may be, in words; the contract has the last word. */
const limits: Record<RuleName | 'everyMinutes' | 'atOnce', string> = {
  downMinutes: '1 to 10080 minutes',
  flapsPerHour: '2 to 1000 drops',
  quotaPercent: '1 to 100 %',
  keyDays: '1 to 3650 days',
  everyMinutes: '1 to 1440 minutes',
  atOnce: '1 to 32 at once',
};

function numberOf(text: string): number {
  return /^\d{1,6}$/u.test(text) ? Number(text) : Number.NaN;
}

export function rulesFormOf(rules: NotificationRules, usual: NotificationRules): RulesForm {
  const rule = (name: RuleName): RuleForm => ({
    on: rules[name] !== null,
    number: String(rules[name] ?? usual[name] ?? ''),
  });
  return {
    downMinutes: rule('downMinutes'),
    flapsPerHour: rule('flapsPerHour'),
    quotaPercent: rule('quotaPercent'),
    keyDays: rule('keyDays'),
    quiet: { on: rules.quietHours !== null, ...(rules.quietHours ?? { from: '22:00', to: '06:00' }) },
  };
}

/** The contract's rules, or what is wrong by field. */
export function readRules(form: RulesForm): { rules: NotificationRules } | { problems: Problems } {
  const number = (name: RuleName): number | null => (form[name].on ? numberOf(form[name].number) : null);
  const { on, from, to } = form.quiet;
  const parsed = notificationRulesSchema.safeParse({
    downMinutes: number('downMinutes'),
    flapsPerHour: number('flapsPerHour'),
    quotaPercent: number('quotaPercent'),
    keyDays: number('keyDays'),
    quietHours: on ? { from, to } : null,
  });
  const problems: Problems = {};
  if (!parsed.success)
    for (const { path } of parsed.error.issues) {
      const name = ruleNames.find((one) => one === path[0]);
      if (name === undefined) problems['quiet'] = 'Enter both times as 22:00.';
      else problems[name] = limits[name];
    }
  if (on && from === to) problems['quiet'] = 'Quiet hours start and end at the same time.';
  if (!parsed.success || Object.keys(problems).length > 0) return { problems };
  return { rules: parsed.data };
}

export type ProbingForm = { enabled: boolean; everyMinutes: string; atOnce: string };

export function probingFormOf(probing: Probing): ProbingForm {
  return {
    enabled: probing.enabled,
    everyMinutes: String(probing.everyMinutes),
    atOnce: String(probing.atOnce),
  };
}

export function readProbing(form: ProbingForm): { probing: Probing } | { problems: Problems } {
  const parsed = probingSchema.safeParse({
    enabled: form.enabled,
    everyMinutes: numberOf(form.everyMinutes),
    atOnce: numberOf(form.atOnce),
  });
  if (parsed.success) return { probing: parsed.data };
  const problems: Problems = {};
  for (const { path } of parsed.error.issues) {
    const name = path[0] === 'atOnce' ? 'atOnce' : 'everyMinutes';
    problems[name] = limits[name];
  }
  return { problems };
}
