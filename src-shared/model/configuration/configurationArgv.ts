const program = 'ke_update_configuration';

/** The commands of the configuration **[doc: the name; the options are ours]**. A candidate travels on stdin. */
export const configurationArgv = {
  show: (version: number | null) => [
    program,
    'show',
    ...(version === null ? [] : ['--version', `${version}`]),
    '--json',
  ],
  update: ({ unchangedSince, isDryRun }: { unchangedSince: string; isDryRun: boolean }) => [
    program,
    '--offline',
    '-',
    '--unchanged-since',
    unchangedSince,
    ...(isDryRun ? ['--dry-run'] : []),
    '--json',
  ],
  rollBack: ({ number, unchangedSince }: { number: number; unchangedSince: string }) => [
    program,
    'rollback',
    '--to',
    `${number}`,
    '--unchanged-since',
    unchangedSince,
    '--json',
  ],
} as const;
