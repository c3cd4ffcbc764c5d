import { visibleText } from '../../../src-shared/base/machineText.ts';
import { severities } from '../../../src-shared/model/syslog/syslogLine.ts';
import type { ViewOf } from '../../state/views.ts';
import type { LogFilter } from './buffer.ts';

/** Lines at least as urgent as `severity` that hold `text`; gaps always stay. Null where everything passes. */
export function createLogFilter({
  text,
  severity,
  nameOf,
}: {
  text: string;
  severity: ViewOf<'syslog'>['severity'];
  nameOf: (applianceId: string) => string;
}): LogFilter | null {
  const needle = text.trim().toLowerCase();
  if (needle === '' && severity === 'all') return null;
  const limit = severity === 'all' ? severities.length : severities.indexOf(severity);
  return (row) => {
    if (row.kind === 'gap') return true;
    const { line } = row;
    if (severity !== 'all' && (line.severity === null || severities.indexOf(line.severity) > limit))
      return false;
    if (needle === '') return true;
    const whole = `${nameOf(line.applianceId)} ${line.program ?? ''} ${visibleText(line.message)}`;
    return whole.toLowerCase().includes(needle);
  };
}
