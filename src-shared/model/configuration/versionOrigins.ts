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
