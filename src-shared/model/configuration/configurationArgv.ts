import { shorten, visibleLine } from '../../base/machineText.ts';
import { maxCauseName, maxCauseReason } from './changeCause.ts';

const program = 'ke_update_configuration';

/** Who wants a change and why. Null for a kit that does not keep it. */
export type StatedCause = { name: string; reason: string } | null;

const plainLine = (text: string, maxLength: number) =>
  shorten(visibleLine(text).replaceAll('\ufffd', '?'), maxLength);

/** A value that begins with a hyphen is one word with its option, so that it is no option itself. */
const optionOf = (name: string, value: string) =>
  value.startsWith('-') ? [`${name}=${value}`] : [name, value];

const statedOptions = (stated: StatedCause) =>
  stated === null
    ? []
    : [
        ...optionOf('--by', plainLine(stated.name, maxCauseName)),
        ...optionOf('--reason', plainLine(stated.reason, maxCauseReason)),
      ];

/** The commands of the configuration **[doc: the name; the options are ours]**. A candidate travels on stdin. */
export const configurationArgv = {
  show: (version: number | null) => [
    program,
    'show',
    ...(version === null ? [] : ['--version', `${version}`]),
    '--json',
  ],
  check: ({ unchangedSince }: { unchangedSince: string }) => [
    program,
    '--offline',
    '-',
    '--unchanged-since',
    unchangedSince,
    '--dry-run',
    '--json',
  ],
  update: ({ unchangedSince, stated }: { unchangedSince: string; stated: StatedCause }) => [
    program,
    '--offline',
    '-',
    '--unchanged-since',
    unchangedSince,
    ...statedOptions(stated),
    '--json',
  ],
  rollBack: ({
    number,
    unchangedSince,
    stated,
  }: {
    number: number;
    unchangedSince: string;
    stated: StatedCause;
  }) => [
    program,
    'rollback',
    '--to',
    `${number}`,
    '--unchanged-since',
    unchangedSince,
    ...statedOptions(stated),
    '--json',
  ],
} as const;
