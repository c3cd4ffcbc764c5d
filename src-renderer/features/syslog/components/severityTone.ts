import type { Severity, SyslogLine } from '../../../../src-shared/model/syslog/syslogLine.ts';

/** The tone of each severity's word. */
const severityTones: Record<Severity, 'bad' | 'warn' | 'notice' | 'plain'> = {
  emerg: 'bad',
  alert: 'bad',
  crit: 'bad',
  err: 'bad',
  warning: 'warn',
  notice: 'notice',
  info: 'plain',
  debug: 'plain',
};

export function toneOfSeverity(severity: Severity | null) {
  return severity === null ? 'plain' : severityTones[severity];
}

export function severityTitle(line: Pick<SyslogLine, 'severity' | 'severityFrom'>): string {
  if (line.severity === null) return 'severity unknown';
  return line.severityFrom === 'words' ? `${line.severity}, guessed from the text` : line.severity;
}
