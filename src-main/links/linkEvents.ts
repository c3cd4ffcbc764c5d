import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import { auditTarget } from './hostKeyActions.ts';

/** Writes an event to the audit trail when a link comes up, goes down or stops. */
export function createLinkEvents({ audit, log }: { audit: Audit; log: Log }) {
  function record(entry: ApplianceEntry, event: Parameters<Audit['notice']>[0]): void {
    try {
      audit.notice(event);
    } catch (thrown) {
      // The link stays up if its event can't be recorded, e.g. on a full disk. Only actions of operators need
      // a record.
      log.error({ err: thrown, appliance: entry.name }, 'could not record a link event');
    }
  }

  return {
    recordTransition: (entry: ApplianceEntry, before: LinkState, after: LinkState): void => {
      if (before.state === after.state) return;
      const link = auditTarget(entry);
      const failure = after.state === 'stopped' || after.state === 'retrying' ? after.error : null;
      const failed =
        failure === null
          ? {}
          : ({ result: 'failed', errorCode: failure.code, detail: failure.message } as const);
      if (after.state === 'connected')
        record(entry, { ...link, event: 'link.up', detail: after.serverSoftware });
      if (after.state === 'stopped') record(entry, { ...link, event: 'link.stopped', ...failed });
      else if (before.state === 'connected') record(entry, { ...link, event: 'link.down', ...failed });
    },
    recordConsoleEnd: (entry: ApplianceEntry, state: LinkState): void => {
      if (state.state === 'connected')
        record(entry, { ...auditTarget(entry), event: 'link.down', detail: 'the console ended' });
    },
  };
}
