import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { applyRevision } from '../../../src-shared/model/configuration/configurationRevision.ts';
import type { Appliance } from '../appliance.ts';
import { prepareConfiguration } from '../configuration/configurationChange.ts';
import { readConfigurationFile } from '../configuration/configurationFile.ts';
import { digestOf, openVersion, readConfigurationRecord } from '../configuration/configurationRecord.ts';
import type { NewFile } from '../state/stagedFiles.ts';
import { readInstalledLicence } from './licence.ts';
import type { LicenceRecord } from './licenceRecord.ts';

/** The part of a licence's change that replaces the configuration. */
export type LicenceConfiguration = {
  files: NewFile[];
  revision: number;
  digests: { before: string; after: string };
};

function refuse(problem: string) {
  return { configuration: null, problem };
}

/** Plans the configuration revision of a licence. `problem`: why it can't be applied; values are never quoted. */
export async function planRevision(
  appliance: Appliance,
  change: { licence: LicencePayload | null; record: LicenceRecord },
): Promise<{ configuration: LicenceConfiguration | null; problem: string | null }> {
  const revision = change.licence?.configuration ?? null;
  if (revision === null) return { configuration: null, problem: null };
  const file = readConfigurationFile(appliance);
  if (file === null)
    return refuse(
      `the licence changes the configuration, but ${appliance.config.configuration} does not exist`,
    );
  const { text, problems } = applyRevision(file.text, revision);
  if (text === null)
    return refuse(problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; '));
  const revisionBefore = change.record.configurationRevision;
  const planned = { file, text, origin: 'licence', revision: revision.revision, revisionBefore } as const;
  const prepared = await prepareConfiguration(appliance, planned);
  return { configuration: { ...prepared, revision: revision.revision }, problem: null };
}

/**
 * The content that the configuration had with another licence, as a digest: undoes the changes of the licences between
 * them one after the other, or repeats them. A change that is not the present content's is left out.
 */
function followChanges(
  { versions }: LicenceRecord,
  { present, from, to }: { present: string; from: number; to: number },
): string {
  const [low, high] = from < to ? [from, to] : [to, from];
  const between = versions
    .filter(({ sequence }) => sequence > low && sequence <= high)
    .sort((left, right) => left.sequence - right.sequence);
  return (to < from ? between.toReversed() : between).reduce((digest, { configuration }) => {
    if (configuration === null) return digest;
    const { before, after } = configuration;
    const [seen, next] = to < from ? [after, before] : [before, after];
    return seen === digest ? next : digest;
  }, present);
}

/**
 * Plans the configuration for a rollback of the licence, also over several licences: the content that it had with the one
 * that is installed again. Null if they did not change it, or if it was changed since.
 */
export async function planConfigurationRollback(
  appliance: Appliance,
  change: { record: LicenceRecord; to: number },
): Promise<LicenceConfiguration | null> {
  const { record, to } = change;
  const { stateFolder } = appliance.config;
  const file = readConfigurationFile(appliance);
  const from = (await readInstalledLicence(appliance))?.payload.sequence;
  if (file === null || from === undefined) return null;
  const kept = await readConfigurationRecord(stateFolder);
  const present = digestOf(kept, file.text);
  const wanted = followChanges(record, { present, from, to });
  if (wanted === present) return null;
  const version = kept.versions.findLast(({ digest }) => digest === wanted);
  if (version === undefined) return null;
  const { revision } = version;
  const revisionBefore = record.configurationRevision;
  const text = openVersion(stateFolder, version);
  const planned = { file, text, origin: 'rollback', revision, revisionBefore } as const;
  return { ...(await prepareConfiguration(appliance, planned)), revision };
}
