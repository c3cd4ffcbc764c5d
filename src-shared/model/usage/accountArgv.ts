const program = 'ke_manage_accounts';

/** Which accounts a list of the console shows, and whether it has names. */
export type ListedAccounts = {
  application: number | null;
  idleDays: number | null;
  hasNames: boolean;
  skip: number;
  limit: number;
};

const option = (name: string, value: number | null) => (value === null ? [] : [`--${name}`, `${value}`]);

/** The commands that read and change accounts **[ours]**. Accounts are named on stdin only. */
export const accountArgv = {
  list: ({ application, idleDays, hasNames, skip, limit }: ListedAccounts): string[] => [
    program,
    'list',
    ...option('application', application),
    ...option('idle-days', idleDays),
    ...(hasNames ? ['--names'] : []),
    ...option('skip', skip),
    ...option('limit', limit),
    '--json',
  ],
  applications: (): string[] => [program, 'applications', '--json'],
  plan: (): string[] => [program, 'plan', '--json', '-'],
  apply: (digest: string): string[] => [program, 'apply', '--json', '--expect', digest, '-'],
} as const;
