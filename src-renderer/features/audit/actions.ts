import type { AuditedAction, AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import { auditEvents } from '../../../src-shared/model/audit/auditEvents.ts';

/** The record that says how an action ended; null while, or because, no outcome is recorded. */
export function endOf({ start, outcome }: AuditedAction): AuditRecord | null {
  return start.phase === 'intent' ? outcome : start;
}

export function keyOf({ start }: AuditedAction): string {
  return String(start.seq);
}

export function labelOf({ start, outcome }: AuditedAction): string {
  return `#${start.seq}${outcome === null ? '' : ` to #${outcome.seq}`} ${start.event}`;
}

/** Whether one of the action's records has the number `seq`. */
export function holdsRecord({ start, outcome }: AuditedAction, seq: string): boolean {
  return String(start.seq) === seq || String(outcome?.seq) === seq;
}

/** The event in words; the name itself if it is of another version. */
export function eventLabel(event: string): string {
  return Object.entries(auditEvents).find(([name]) => name === event)?.[1].label ?? event;
}
