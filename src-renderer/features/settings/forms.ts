import type { z } from 'zod';
import {
  settingFacts,
  type SettingFacts,
  type SettingsSchema,
} from '../../../src-shared/base/settingFields.ts';

type SettingValue = number | string | boolean | null | { from: string; to: string };
/** The values of a settings group, by the name of the field. */
export type Settings = Readonly<Record<string, SettingValue>>;

/** A setting as its form holds it: the typed text is kept while the setting is off. Hours have two texts. */
export type FieldForm = { isOn: boolean; text: string; until: string };
export type SettingsForm = Readonly<Record<string, FieldForm>>;
/** Error messages. The keys are names of fields. */
export type Problems = Readonly<Record<string, string>>;

/** The fields of a settings group in the order of its schema. */
export function listFields(schema: SettingsSchema): [string, SettingFacts][] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const facts = settingFacts.get(field);
    return facts === undefined ? [] : [[name, facts]];
  });
}

function writeField(facts: SettingFacts, value: SettingValue | undefined): FieldForm {
  switch (facts.kind) {
    case 'limit':
    case 'number': {
      const number = typeof value === 'number' ? value : facts.default;
      return { isOn: value !== null, text: String(number), until: '' };
    }
    case 'switch':
      return { isOn: value === true, text: '', until: '' };
    case 'text':
      return { isOn: true, text: typeof value === 'string' ? value : '', until: '' };
    case 'hours': {
      const hours = typeof value === 'object' ? value : null;
      const { from, to } = hours ?? facts.suggested;
      return { isOn: hours !== null, text: from, until: to };
    }
  }
}

function readNumber(text: string): number {
  return /^\d{1,6}$/u.test(text) ? Number(text) : Number.NaN;
}

function readField(facts: SettingFacts, { isOn, text, until }: FieldForm): SettingValue {
  switch (facts.kind) {
    case 'limit':
      return isOn ? readNumber(text) : null;
    case 'number':
      return readNumber(text);
    case 'switch':
      return isOn;
    case 'text':
      return text.trim();
    case 'hours':
      return isOn ? { from: text, to: until } : null;
  }
}

function findProblem(facts: SettingFacts): string {
  switch (facts.kind) {
    case 'hours':
      return 'Enter both times as HH:MM, for example 22:00.';
    case 'switch':
      return 'Choose on or off.';
    case 'text':
      return facts.form === undefined
        ? `Enter at most ${facts.maxLength} characters. Invisible characters are not allowed.`
        : `Enter ${facts.form}.`;
    case 'limit':
    case 'number':
      return `Enter a number from ${facts.min} to ${facts.max}.`;
  }
}

export function writeSettings(schema: SettingsSchema, settings: Settings): SettingsForm {
  return Object.fromEntries(
    listFields(schema).map(([name, facts]) => [name, writeField(facts, settings[name])]),
  );
}

/** The settings of a form, or its errors. */
export function readSettings<T extends SettingsSchema>(
  schema: T,
  form: SettingsForm,
): { settings: z.output<T> } | { problems: Problems } {
  const fields = listFields(schema).flatMap(([name, facts]) => {
    const field = form[name];
    return field === undefined ? [] : [{ name, facts, field }];
  });
  const parsed = schema.safeParse(
    Object.fromEntries(fields.map(({ name, facts, field }) => [name, readField(facts, field)])),
  );
  const issues = parsed.error?.issues ?? [];
  const problems = fields.flatMap(({ name, facts, field }): [string, string][] => {
    const issue = issues.find(({ path }) => path[0] === name);
    if (issue !== undefined) {
      // A value that is valid on its own breaks a rule of the group, which has its own message.
      const isValid = schema.shape[name]?.safeParse(readField(facts, field)).success;
      return [[name, isValid ? issue.message : findProblem(facts)]];
    }
    return facts.kind === 'hours' && field.isOn && field.text === field.until
      ? [[name, 'Quiet hours must start and end at different times.']]
      : [];
  });
  return parsed.success && problems.length === 0
    ? { settings: parsed.data }
    : { problems: Object.fromEntries(problems) };
}
