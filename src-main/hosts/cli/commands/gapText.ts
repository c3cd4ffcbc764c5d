import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { gapFacts } from '../../../../src-shared/model/syslog/gapFacts.ts';
import type { ExportedGap } from '../../../../src-shared/model/syslog/export/exportedGap.ts';
import { formatValue } from '../output.ts';

/** A gap in one line: whose, when, how much and why. */
export function gapText({ appliance, reason, text, fromByte, toByte, since, until }: ExportedGap): string {
  const from = since === null ? 'before' : `${formatInstant(since)} to`;
  const bytes =
    toByte === null ? `from byte ${formatCount(fromByte)} on` : `${formatCount(toByte - fromByte)} bytes`;
  const said = text === '' ? '' : ` (${formatValue(text)})`;
  return `Gap on ${formatValue(appliance)}, ${from} ${formatInstant(until)}, ${bytes}: ${gapFacts[reason].text}${said}`;
}
