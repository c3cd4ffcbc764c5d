import { connectModes } from '../../../src-shared/model/appliance/connectModes.ts';
import { formatAddress } from '../../../src-shared/model/appliance/address.ts';
import type {
  ApplianceEntry,
  ApplianceField,
  ApplianceInput,
  SshTarget,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { ImportRow } from '../../../src-shared/model/appliance/importRow.ts';

function loginText({ authentication: { agent, keyFile, password, keyboardInteractive } }: SshTarget): string {
  return [
    agent ? 'SSH agent' : '',
    keyFile ?? '',
    password ? 'password' : '',
    keyboardInteractive ? 'one-time codes' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

const targetText = (target: SshTarget): string => `${formatAddress(target)} (${loginText(target)})`;

const fieldTexts: Record<ApplianceField, { label: string; text: (input: ApplianceInput) => string }> = {
  name: { label: 'Name', text: ({ name }) => name },
  target: { label: 'Address and login', text: ({ target }) => targetText(target) },
  jumps: { label: 'Jump hosts', text: ({ jumps }) => jumps.map(targetText).join(' → ') },
  sudo: { label: 'Sudo', text: ({ sudo }) => sudo },
  legacyAlgorithms: { label: 'Legacy algorithms', text: (input) => String(input.legacyAlgorithms) },
  connect: { label: 'Connection', text: ({ connect }) => connectModes[connect].label },
  group: { label: 'Group', text: ({ group }) => group },
  cluster: { label: 'Cluster', text: ({ cluster }) => cluster },
  description: { label: 'Description', text: ({ description }) => description },
  tags: { label: 'Tags', text: ({ tags }) => tags.join(', ') },
  colour: { label: 'Colour', text: ({ colour }) => colour },
};

/** Returns each changed field with its values before and after. An empty value is '–'. */
export function describeChanges(
  row: ImportRow,
  entry: ApplianceEntry | undefined,
): { label: string; before: string; after: string }[] {
  const { appliance } = row;
  if (appliance === null || entry === undefined) return [];
  return row.changes
    .map((field) => {
      const { label, text } = fieldTexts[field];
      return { label, before: text(entry) || '–', after: text(appliance) || '–' };
    })
    .filter(({ before, after }) => before !== after);
}
