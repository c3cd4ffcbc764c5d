import { appliancesContract } from './appliances.ts';
import { auditContract } from './audit.ts';
import { configurationContract } from './configuration.ts';
import { connectedWindowContract } from './connectedWindow.ts';
import { fanOutContract } from './fanOut.ts';
import { fleetContract } from './fleet.ts';
import { licencesContract } from './licences.ts';
import { logExportContract } from './logExport.ts';
import { logWatchContract } from './logWatch.ts';
import { logsContract } from './logs.ts';
import { notificationsContract } from './notifications.ts';
import { portsContract } from './ports.ts';
import { secretsContract } from './secrets.ts';
import { syslogContract } from './syslog.ts';
import { systemContract } from './system.ts';
import { tenantsContract } from './tenants.ts';
import { usageContract } from './usage.ts';
import { usageChangesContract } from './usageChanges.ts';

/** Every procedure of the console, for the page and the command line. One file for each domain. */
export const contract = {
  appliances: appliancesContract,
  fleet: fleetContract,
  tenants: tenantsContract,
  ports: portsContract,
  licences: licencesContract,
  connectedWindow: connectedWindowContract,
  configuration: configurationContract,
  fanOut: fanOutContract,
  usage: usageContract,
  usageChanges: usageChangesContract,
  logs: logsContract,
  logExport: logExportContract,
  logWatch: logWatchContract,
  notifications: notificationsContract,
  syslog: syslogContract,
  audit: auditContract,
  secrets: secretsContract,
  system: systemContract,
};
export type Contract = typeof contract;
