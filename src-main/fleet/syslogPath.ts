import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';

/** The path of an appliance's log: the reported one, or Debian's default **[doc]** before the first report. */
export function syslogPath(status: ApplianceStatus | null): string {
  return status?.logs.syslog ?? '/var/log/syslog';
}
