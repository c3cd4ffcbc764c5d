import { AppError } from '../../../src-shared/errors.ts';
import type { ConfigurationOutput } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { licencePayloadSchema } from '../../../src-shared/model/licence/licence.ts';
import { readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import type { Appliance } from '../appliance.ts';
import { importLicence, previewLicence } from '../licence/importLicence.ts';
import { readLicenceRecord } from '../licence/licenceRecord.ts';
import type { ChosenRequest } from '../licence/requestLicence.ts';
import { requireUnchangedConfiguration, describeConfiguration } from './configurationChange.ts';
import { readConfigurationFile, requireConfigurationFile } from './configurationFile.ts';
import type { UpdateOptions } from './updateConfiguration.ts';

/** Whether the text is a signed document and not YAML: three parts of base64url. */
export function isSignedDocument(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+\r?\n?$/u.test(text);
}

function requireRevision(text: string): void {
  const document = readDocument(text, 'licence');
  // Another problem of the document is left to the checks of the licence.
  if ('problem' in document) return;
  const licence = licencePayloadSchema.safeParse(document.payload);
  if (licence.success && licence.data.configuration === null)
    throw new AppError(
      'INVALID_INPUT',
      'this licence has no configuration; import it with ke_manage_license_key import',
    );
}

/**
 * Installs a signed licence together with its configuration, with the same checks as `ke_manage_license_key import`.
 * Throws INVALID_INPUT for a licence without a configuration.
 */
export async function importConfiguration(
  appliance: Appliance,
  text: string,
  options: UpdateOptions,
): Promise<ConfigurationOutput> {
  requireRevision(text);
  requireConfigurationFile(appliance);
  return importFetchedLicence(appliance, text, options);
}

/** Installs a signed licence, with its configuration if it has one. `chosen`: the request that it answers. */
export async function importFetchedLicence(
  appliance: Appliance,
  text: string,
  { isDryRun, unchangedSince, chosen }: UpdateOptions & { chosen?: ChosenRequest },
): Promise<ConfigurationOutput> {
  const checkFirst = async () => {
    if (unchangedSince === undefined) return;
    const file = requireConfigurationFile(appliance);
    await requireUnchangedConfiguration(appliance, { file, digest: unchangedSince });
  };
  await checkFirst();
  const before = readConfigurationFile(appliance)?.text ?? null;
  const licence = await (isDryRun
    ? previewLicence(appliance, text, chosen)
    : importLicence(appliance, text, { chosen, checkFirst }));
  const { configurationRevision: revision } = await readLicenceRecord(appliance.config.stateFolder);
  const failed = licence.checks.filter(({ outcome }) => outcome === 'failed');
  const refused = licence.forecast.filter(({ outcome }) => outcome === 'refused');
  const problems = [
    ...failed.map(({ check, detail }) => ({ path: check, message: detail })),
    ...refused.map(({ item, detail }) => ({ path: item, message: detail })),
  ];
  const after = licence.outcome === 'applied' ? (readConfigurationFile(appliance)?.text ?? null) : null;
  const { outcome } = licence;
  const described = await describeConfiguration(appliance, { outcome, before, after, problems, revision });
  return { ...described, licence };
}
