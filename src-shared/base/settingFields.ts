import { z } from 'zod';
import { lookAlikeError } from './lookAlikes.ts';
import { visibleLine, visibleText } from './machineText.ts';

type NumberFacts = {
  /** Text in front of the number field, e.g. "A tunnel stays down for". The unit follows the field. */
  label: string;
  /** Name of the number field for screen readers. */
  inputLabel: string;
  unit: string;
  min: number;
  max: number;
  default: number;
};

type TextFacts = {
  label: string;
  placeholder: string;
  maxLength: number;
  lines: number;
  /** Empty if it is missing. */
  default?: string;
  /** What the text must be, if not every text is accepted, e.g. `days such as 14, 3`. */
  form?: string;
};

/** Facts about a setting that its form needs and its schema doesn't contain. */
export type SettingFacts =
  /** A number that can be turned off; null means off. */
  | (NumberFacts & { kind: 'limit' })
  /** A number. If `switchedBy` names a switch, the number is used only while that switch is on. */
  | (NumberFacts & { kind: 'number'; switchedBy?: string })
  | { kind: 'switch'; label: string; default: boolean }
  /** Text without hidden characters. */
  | (TextFacts & { kind: 'text' })
  /** Two times of day, e.g. 22:00; null means off. `suggested` fills the form when the setting is turned on. */
  | { kind: 'hours'; label: string; inputLabels: readonly [string, string]; suggested: Hours };
type Hours = z.infer<typeof hoursSchema>;

/** The facts of each field of a settings schema, for its form and its validation. */
export const settingFacts = z.registry<SettingFacts>();

const clockTimeSchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, lookAlikeError('Enter a time of day as HH:MM, e.g. 22:00.'));
const hoursSchema = z.strictObject({ from: clockTimeSchema, to: clockTimeSchema });

export function limitSetting(facts: NumberFacts) {
  const { min, max } = facts;
  return z
    .int()
    .min(min)
    .max(max)
    .nullable()
    .default(facts.default)
    .register(settingFacts, { kind: 'limit', ...facts });
}

export function numberSetting(facts: NumberFacts & { switchedBy?: string }) {
  const { min, max } = facts;
  return z
    .int()
    .min(min)
    .max(max)
    .default(facts.default)
    .register(settingFacts, { kind: 'number', ...facts });
}

export function switchSetting(facts: { label: string; default: boolean }) {
  return z
    .boolean()
    .default(facts.default)
    .register(settingFacts, { kind: 'switch', ...facts });
}

/** `accepts` says whether a text has the form that the setting needs. */
export function textSetting({
  accepts = () => true,
  ...facts
}: TextFacts & { accepts?: (text: string) => boolean }) {
  const shown = facts.lines === 1 ? visibleLine : visibleText;
  return z
    .string()
    .trim()
    .max(facts.maxLength)
    .refine((text) => shown(text) === text, lookAlikeError('text without invisible characters'))
    .refine(accepts, lookAlikeError(facts.form ?? 'another text'))
    .default(facts.default ?? '')
    .register(settingFacts, { kind: 'text', ...facts });
}

/** A pair of times that is off by default. */
export function hoursSetting(facts: {
  label: string;
  inputLabels: readonly [string, string];
  suggested: Hours;
}) {
  return hoursSchema
    .nullable()
    .default(null)
    .register(settingFacts, { kind: 'hours', ...facts });
}

/** A group of settings. Every field has a default, so that settings saved by an older version stay readable. */
export type SettingsSchema = z.ZodObject<Record<string, z.ZodDefault>, z.core.$strict>;
