import type { KeptGap } from './keptLine.ts';

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
