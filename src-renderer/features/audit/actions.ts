import type { AuditedAction, AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import { auditEvents } from '../../../src-shared/model/audit/auditEvents.ts';

/** Returns the record with the result of an action. Null if no outcome is recorded. */
export function findEndRecord({ start, outcome }: AuditedAction): AuditRecord | null {
  return start.phase === 'intent' ? outcome : start;
}

export function getActionKey({ start }: AuditedAction): string {
  return String(start.seq);
}

export function getActionLabel({ start, outcome }: AuditedAction): string {
  return `#${start.seq}${outcome === null ? '' : ` to #${outcome.seq}`} ${start.event}`;
}

/** Whether one of the action's records has the sequence number `seq`. */
export function holdsRecord({ start, outcome }: AuditedAction, seq: string): boolean {
  return String(start.seq) === seq || String(outcome?.seq) === seq;
}

/** Returns the label of an event. For an event of another version, returns its name. */
export function eventLabel(event: string): string {
  return Object.entries(auditEvents).find(([name]) => name === event)?.[1].label ?? event;
}
