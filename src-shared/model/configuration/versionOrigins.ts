import { visibleLine } from '../../base/machineText.ts';
import type { ConfigurationHistory } from './configurationCommands.ts';

type Version = ConfigurationHistory['versions'][number];

/** How a kept version came to the appliance. The command does not say whether a console or a file was its source. */
const versionOrigins: Readonly<Record<Version['origin'], { label: string }>> = {
  found: { label: 'Changed on the appliance' },
  file: { label: 'Applied' },
  licence: { label: 'Applied with a licence' },
  rollback: { label: 'Rolled back' },
};

/** The first version is what stood there before the first use of the commands; who changed it is not known. */
export function describeOrigin({ number, origin }: Pick<Version, 'number' | 'origin'>): string {
  return number === 1 && origin === 'found' ? 'Before the first change' : versionOrigins[origin].label;
}

/** Who made a version, as the command was told and as the appliance saw it: `m.ivers (ubuntu via sudo)`. */
export function describeAuthor({ cause }: Pick<Version, 'cause'>): string {
  // Changed without the command, or by that of an older kit.
  if (cause == null) return 'unknown';
  const { account, name } = cause;
  return visibleLine(name === null ? account : `${name} (${account})`);
}

/** The reason that was given for a version. */
export function describeReason({ cause }: Pick<Version, 'cause'>): string {
  return cause == null ? 'unknown' : visibleLine(cause.reason ?? 'none given');
}
