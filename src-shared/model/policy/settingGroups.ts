import { z } from 'zod';
import { settingFacts, type SettingFacts, type SettingsSchema } from '../../base/settingFields.ts';
import { linkSettingsSchema } from '../appliance/linkSettings.ts';
import { leadTimesSchema, remindersSchema } from '../licence/calendarSettings.ts';
import { notificationRulesSchema } from '../notifications/kinds.ts';
import { secretSettingsSchema } from '../secrets/vault.ts';
import { customerSenderSchema } from '../tunnels/customerMessage.ts';
import { probingSchema } from '../tunnels/probe.ts';

/**
 * Every group of settings, under its name in the policy file: its title on the settings page, and the key and the
 * schema with which it is saved.
 */
export const settingGroups = {
  notifications: { title: 'Notifications', key: 'notification.rules', schema: notificationRulesSchema },
  links: { title: 'Connections', key: 'links', schema: linkSettingsSchema },
  secrets: { title: 'Vault', key: 'secrets', schema: secretSettingsSchema },
  tunnelTests: { title: 'Tunnel tests', key: 'probing', schema: probingSchema },
  customerMessages: { title: 'Messages to customers', key: 'customer-sender', schema: customerSenderSchema },
  licenceReminders: { title: 'Licence reminders', key: 'licence.reminders', schema: remindersSchema },
  licenceLeadTimes: { title: 'Lead times of licences', key: 'licence.leadTimes', schema: leadTimesSchema },
} as const satisfies Record<string, { title: string; key: string; schema: SettingsSchema }>;
export type SettingGroup = keyof typeof settingGroups;

function isSettingGroup(value: unknown): value is SettingGroup {
  return typeof value === 'string' && Object.hasOwn(settingGroups, value);
}

export const settingGroupSchema = z.custom<SettingGroup>(isSettingGroup, 'unknown group of settings');
export const settingGroupNames = Object.keys(settingGroups).filter(isSettingGroup);

/** The facts of a field of a group; undefined if the group has no such field. */
export function findSettingFacts(group: SettingGroup, field: string): SettingFacts | undefined {
  const fields: SettingsSchema['shape'] = settingGroups[group].schema.shape;
  const schema = Object.hasOwn(fields, field) ? fields[field] : undefined;
  return schema === undefined ? undefined : settingFacts.get(schema);
}

/** What a setting is called outside its form, e.g. `Minutes between tests`. */
export function nameSetting(facts: SettingFacts): string {
  if (facts.kind === 'limit') return `${facts.label} … ${facts.unit}`;
  return facts.kind === 'number' ? facts.inputLabel : facts.label;
}
