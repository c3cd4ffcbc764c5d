import { z } from 'zod';

export const readCommandSchema = z.enum([
  'status',
  'licence',
  'licences',
  'tenants',
  'configuration',
  'configurations',
  'statements',
]);
export type ReadCommand = z.infer<typeof readCommandSchema>;

/** The commands of the kit that a run may read with **[doc: their names]**. None takes text of the user. */
export const readCommands: Readonly<Record<ReadCommand, { argv: readonly string[]; label: string }>> = {
  status: { argv: ['ke_status'], label: 'Versions, services and load' },
  licence: { argv: ['ke_manage_license_key', 'show'], label: 'Licence' },
  licences: { argv: ['ke_manage_license_key', 'history'], label: 'Licences that were installed' },
  tenants: { argv: ['ke_manage_remote_networks', 'list'], label: 'Tenants and their ports' },
  configuration: { argv: ['ke_update_configuration', 'show'], label: 'Configuration with masked secrets' },
  configurations: { argv: ['ke_update_configuration', 'history'], label: 'Kept configurations' },
  statements: { argv: ['ke_usage_report', 'statements'], label: 'Kept usage statements' },
};
