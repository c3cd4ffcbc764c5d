import type { KeptGap } from '../../../src-shared/model/syslog/keptLine.ts';
import type { LogGap } from '../follow/logSource.ts';

/** What happened to the lines of a gap. */
const reasonTexts: Record<KeptGap['reason'], string> = {
  deleted: 'the file was deleted before it was read',
  truncated: 'the file was cut before it was read',
  unreadable: 'the file can’t be read now',
  corrupt: 'the compressed file is damaged',
  'no-unpacker': 'the appliance has no program that unpacks the file',
};

function boundsText({ fromByte, toByte }: Pick<LogGap, 'fromByte' | 'toByte'>): string {
  if (toByte === null) return fromByte === 0 ? '' : `, from byte ${fromByte}`;
  return `, bytes ${fromByte} to ${toByte}`;
}

/** A gap as a sentence, with its reason and bounds. */
export function gapText(gap: LogGap): string {
  const since = gap.since === null ? 'the start' : new Date(gap.since).toISOString();
  const named = gap.text === '' ? '' : ` (${gap.text})`;
  const until = new Date(gap.until).toISOString();
  return `Lines may be missing here: ${reasonTexts[gap.reason]}${named}${boundsText(gap)}. Nothing was read from ${since} to ${until}.`;
}
