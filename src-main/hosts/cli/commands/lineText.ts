import {
  paddingBefore,
  programText,
  type SyslogLine,
} from '../../../../src-shared/model/syslog/syslogLine.ts';
import { formatValue } from '../output.ts';

/** A line of a log, or a gap in it, as text. */
export function lineText(
  line: Pick<SyslogLine, 'kind' | 'head' | 'message' | 'time' | 'host' | 'program' | 'pid'>,
): string {
  if (line.kind === 'gap') return `--- ${formatValue(line.message)} ---`;
  const process = line.program === null ? '' : `${programText(line)}: `;
  const padding = paddingBefore(line);
  const start = line.time === null ? '' : `${line.time} ${line.host === null ? '' : `${line.host} `}`;
  return formatValue(`${padding === '' ? '' : `${padding} `}${start}${process}${line.message}`);
}
