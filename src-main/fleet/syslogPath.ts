import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';

/** Where an appliance keeps its log: as it tells, and where Debian keeps it **[doc]** until it has. */
export function syslogPath(status: ApplianceStatus | null): string {
  return status?.logs.syslog ?? '/var/log/syslog';
}
