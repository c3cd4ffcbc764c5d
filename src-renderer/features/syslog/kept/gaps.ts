import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { gapFacts } from '../../../../src-shared/model/syslog/gapFacts.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { ShownLine } from './shownLine.ts';

export const instantText = (at: number): string => formatLineTime(new Date(at).toISOString(), 0);

/** How many bytes are missing, if that is known. */
function gapSize({ fromByte, toByte }: KeptGap): string {
  return toByte === null ? '' : ` ${formatCount(toByte - fromByte)} bytes are missing.`;
}

export function describeGap(gap: KeptGap, name: string): { title: string; text: string } {
  const since = gap.since === null ? 'before ' : `${instantText(gap.since)} – `;
  return {
    title: `Gap on ${name}, ${since}${instantText(gap.until)}`,
    text: `${gapFacts[gap.reason].text}${gapSize(gap)}`,
  };
}

/** About how many lines are missing, by the mean length of lines of the same appliance; null if that is not known. */
export function estimateLines({ fromByte, toByte }: KeptGap, around: readonly ShownLine[]): number | null {
  if (toByte === null || around.length === 0) return null;
  const characters = around.reduce((sum, { kept }) => sum + kept.text.length + 1, 0);
  return Math.max(1, Math.round(((toByte - fromByte) * around.length) / characters));
}
