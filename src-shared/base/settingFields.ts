import { z } from 'zod';

type NumberFacts = {
  /** Stands before the number, and reads on through it to its unit. */
  label: string;
  /** Names the number alone, for a screen reader. */
  inputLabel: string;
  unit: string;
  min: number;
  max: number;
  default: number;
};

/** Everything that a form needs to know about a setting, beside its schema. */
export type SettingFacts =
  /** A number that can be turned off; it is null then. */
  | (NumberFacts & { kind: 'limit' })
  /** A number. With `switchedBy` it belongs to the switch of that name, and counts only while that is on. */
  | (NumberFacts & { kind: 'number'; switchedBy?: string })
  | { kind: 'switch'; label: string; default: boolean }
  /** Two times of day, e.g. 22:00; null while turned off. `suggested` fills the form then. */
  | { kind: 'hours'; label: string; inputLabels: readonly [string, string]; suggested: Hours };
type Hours = z.infer<typeof hoursSchema>;

/** What a form and its validation show for each field of a settings schema. */
export const settingFacts = z.registry<SettingFacts>();

const clockTimeSchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'Write a time of day as 22:00.');
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

/** Turned off by default. */
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

/** A group of settings. Every field has a default, so that what an older version saved stays readable. */
export type SettingsSchema = z.ZodObject<Record<string, z.ZodDefault>, z.core.$strict>;
