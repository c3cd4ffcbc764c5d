import type { StatementKind, UsageKind } from './usageReport.ts';

const program = 'ke_usage_report';

const ofMonth = (month: string | null) => (month === null ? [] : ['--month', month]);

/** The commands that read usage **[ours]**. Without a month, the appliance takes the present one of its clock. */
export const usageArgv = {
  report: ({ kind, month }: { kind: UsageKind; month: string | null }): string[] => [
    program,
    '--kind',
    kind,
    ...ofMonth(month),
  ],
  /** Shows how the accounts with one of the hashes on stdin would be sent. */
  search: ({ month }: { month: string | null }): string[] => [
    program,
    '--kind',
    'per-user',
    '--hashed',
    '-',
    ...ofMonth(month),
  ],
  /** Makes a statement and prints its manifest. */
  makeStatement: ({ kind, month }: { kind: StatementKind; month: string | null }): string[] => [
    program,
    'statement',
    '--kind',
    kind,
    ...ofMonth(month),
    '--quiet',
  ],
  /** Keeps the authority's acknowledgement, which is on stdin. */
  acknowledge: (): string[] => [program, 'acknowledge', '-', '--json'],
  /** Prints a kept statement. */
  statement: (number: number): string[] => [program, 'statement', '--number', `${number}`],
} as const;
