import { z } from 'zod';

/**
 * Groups of events that the Audit page can show: changes, access to an appliance, and the state of its
 * connection.
 */
export const auditChipSchema = z.enum(['changes', 'access', 'link']);
export type AuditChip = z.infer<typeof auditChipSchema>;

/** Every event that the console records. Names are stable: trails and their hashes keep them. */
export const auditEvents = {
  'appliance.add': { chip: 'changes', label: 'Appliance added' },
  'appliance.edit': { chip: 'changes', label: 'Appliance edited' },
  'appliance.lock': { chip: 'changes', label: 'Appliance made read-only' },
  'appliance.unlock': { chip: 'changes', label: 'Appliance unlocked' },
  'appliance.remove': { chip: 'changes', label: 'Appliance removed' },
  'hostKey.accept': { chip: 'access', label: 'Host key accepted' },
  'hostKey.replace': { chip: 'access', label: 'Host key replaced' },
  'secret.answer': { chip: 'access', label: 'Secret entered' },
  'secret.dismiss': { chip: 'access', label: 'Secret not entered' },
  'vault.create': { chip: 'changes', label: 'Vault created' },
  'vault.unlock': { chip: 'access', label: 'Vault unlocked' },
  'vault.lock': { chip: 'access', label: 'Vault locked' },
  'vault.passphrase': { chip: 'changes', label: 'Passphrase of the vault changed' },
  'vault.settings': { chip: 'changes', label: 'Lock time of the vault changed' },
  'credential.add': { chip: 'changes', label: 'Credential added' },
  'credential.rotate': { chip: 'changes', label: 'Credential rotated' },
  'credential.remove': { chip: 'changes', label: 'Credential removed' },
  'credential.answer': { chip: 'access', label: 'Credential used to sign in' },
  'terminal.open': { chip: 'access', label: 'Terminal opened' },
  'syslog.tail': { chip: 'access', label: 'Syslog opened' },
  'syslog.search': { chip: 'access', label: 'Kept logs opened' },
  'syslog.export': { chip: 'access', label: 'Log lines exported' },
  'syslog.forward': { chip: 'changes', label: 'Log destination changed' },
  'syslog.watch': { chip: 'changes', label: 'Log watch rule changed' },
  'support.bundle': { chip: 'access', label: 'Support bundle written' },
  'link.connect': { chip: 'link', label: 'Connection requested' },
  'link.disconnect': { chip: 'link', label: 'Disconnection requested' },
  'link.up': { chip: 'link', label: 'Connected' },
  'link.down': { chip: 'link', label: 'Disconnected' },
  'link.stopped': { chip: 'link', label: 'Connection attempts stopped' },
  'tenant.add': { chip: 'changes', label: 'Tenant added' },
  'tenant.rotate': { chip: 'changes', label: 'Key rotated' },
  'tenant.change': { chip: 'changes', label: 'Quota changed' },
  'tenant.suspend': { chip: 'changes', label: 'Tenant suspended' },
  'tenant.resume': { chip: 'changes', label: 'Tenant resumed' },
  'tenant.remove': { chip: 'changes', label: 'Tenant removed' },
  'tenant.release': { chip: 'changes', label: 'Stale listener ended' },
  'configuration.apply': { chip: 'changes', label: 'Configuration changed' },
  'configuration.rollback': { chip: 'changes', label: 'Configuration rolled back' },
  'fleet.run': { chip: 'changes', label: 'Run on many appliances' },
  'fleet.rollback': { chip: 'changes', label: 'Run on many appliances rolled back' },
  'groupKey.show': { chip: 'access', label: 'Group key shown' },
  'groupKey.rotate': { chip: 'changes', label: 'Group key rotated' },
  'tenant.note': { chip: 'changes', label: 'Contact or note changed' },
  'tenant.handover': { chip: 'changes', label: 'Handover pack created' },
  'licence.request': { chip: 'changes', label: 'Licence requested' },
  'licence.acknowledge': { chip: 'changes', label: 'Loss by a new licence acknowledged' },
  'licence.apply': { chip: 'changes', label: 'Licence applied' },
  'licence.rollback': { chip: 'changes', label: 'Licence rolled back' },
  'licence.cancel': { chip: 'changes', label: 'Licence renewal cancelled' },
  'connectedWindow.open': { chip: 'access', label: 'Connected window opened' },
  'connectedWindow.close': { chip: 'access', label: 'Connected window closed' },
  'licence.step': { chip: 'changes', label: 'Step of a licence renewal marked' },
  'licence.snooze': { chip: 'changes', label: 'Licence reminders snoozed' },
  'licence.settings': { chip: 'changes', label: 'Licence calendar settings changed' },
  'usage.report': { chip: 'access', label: 'Usage report read' },
  'usage.acknowledge': { chip: 'changes', label: 'Acknowledgement of a usage statement carried in' },
  'usage.export': { chip: 'changes', label: 'Usage statement exported' },
  'usage.names': { chip: 'access', label: 'Names of accounts read' },
  'usage.change': { chip: 'changes', label: 'Accounts marked or deactivated' },
  'usage.threshold': { chip: 'changes', label: 'Warning above an amount set' },
  'notification.change': { chip: 'changes', label: 'Notification rules changed' },
  'notification.target': { chip: 'changes', label: 'Target of notifications changed' },
  'links.change': { chip: 'changes', label: 'Limits of connections changed' },
  'sender.change': { chip: 'changes', label: 'Sender of customer messages changed' },
  'probing.change': { chip: 'changes', label: 'Test schedule changed' },
} as const satisfies Record<string, { chip: AuditChip; label: string }>;
export type AuditEvent = keyof typeof auditEvents;

/**
 * The group of an event. An event of another version counts as a change, so that the default view shows it.
 */
export function chipOf(event: string): AuditChip {
  return Object.entries(auditEvents).find(([name]) => name === event)?.[1].chip ?? 'changes';
}
