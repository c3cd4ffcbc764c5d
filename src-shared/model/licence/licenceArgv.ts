const program = 'ke_manage_license_key';

/** The commands of an offline renewal **[ours]**. A document travels on stdin and never in the arguments. */
export const licenceArgv = {
  request: [program, 'request', '--json'],
  dryRun: [program, 'import', '-', '--dry-run', '--json'],
  import: [program, 'import', '-', '--json'],
  receipt: [program, 'receipt', '--json'],
  history: [program, 'history', '--json'],
  rollBack: (sequence: number) => [program, 'rollback', '--to', `${sequence}`, '--json'],
} as const;
