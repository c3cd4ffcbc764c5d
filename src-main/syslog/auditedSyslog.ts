import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Syslog } from './syslog.ts';

/**
 * Reads logs and records each reading in the audit trail. Throws NOT_FOUND for an unknown appliance before
 * anything is recorded.
 */
export function auditedSyslog(options: {
  syslog: Syslog;
  inventory: Pick<Inventory, 'get'>;
  audit: Pick<Audit, 'event'>;
}): Syslog {
  const { syslog, inventory, audit } = options;
  const record = (ids: readonly string[]) => {
    const names = ids.map((id) => inventory.get(id).name);
    audit.event({ event: 'syslog.tail', object: names.join(', ') });
  };
  return {
    ...syslog,
    tail: (request) => {
      record(request.applianceIds);
      return syslog.tail(request);
    },
    readLast: (applianceId, lines) => {
      record([applianceId]);
      return syslog.readLast(applianceId, lines);
    },
  };
}
