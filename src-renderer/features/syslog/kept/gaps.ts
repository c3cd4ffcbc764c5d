import type { KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import type { ShownLine } from './shownLine.ts';

/** Why lines are missing, whether they can still be had, and what to do. */
export const gapFacts: Record<KeptGap['reason'], { text: string; next: string }> = {
  deleted: {
    text: 'The file was deleted on the appliance before its lines were read. They are lost.',
    next: 'A backup of the appliance may have the file. To prevent further gaps, let logrotate keep more files (rotate) than rotations can happen while this console is away.',
  },
  truncated: {
    text: 'The file was cut on the appliance before its lines were read. They are lost.',
    next: 'The copy that logrotate made may have the lines. To prevent further gaps, use create instead of copytruncate in logrotate’s configuration.',
  },
  unreadable: {
    text: 'The file can’t be read now. Its lines are read when it can be.',
    next: 'Let the login user read the file: add the user to the group of the file (often adm), or allow sudo for it.',
  },
  corrupt: {
    text: 'The compressed file is damaged. The rest of it can’t be read.',
    next: 'Check the file on the appliance, for example with gzip -t, and the health of its disk. Lines are read if a whole copy takes its place.',
  },
  'no-unpacker': {
    text: 'The appliance has no program that unpacks this file.',
    next: 'Install the program on the appliance that the ending of the file names: gzip, bzip2, xz or zstd. The lines are then read.',
  },
};

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
