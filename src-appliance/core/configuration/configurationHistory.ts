import { formatYamlPath } from '../../../src-shared/base/boundedYaml.ts';
import { compareConfigurations } from '../../../src-shared/model/configuration/configurationChanges.ts';
import type { ConfigurationShow } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { isSecretValue } from '../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { ConfigurationFile } from './configurationFile.ts';
import { digestOf, markOf, openVersion, type ConfigurationRecord } from './configurationRecord.ts';

const maxSecrets = 5000;

/** The marks of the secrets in a content, by path. */
function markSecrets(record: ConfigurationRecord, text: string): Map<string, string> {
  return new Map(
    readConfiguration(text)
      .values.filter(({ path, value }) => isSecretValue(path, value))
      .map(({ path, value }) => [formatYamlPath(path), markOf(record, formatYamlPath(path), value)]),
  );
}

/**
 * The secrets of a content with the time since which the kept versions have them. `kept`: the number of the content; null
 * for the present one.
 */
export function listSecrets(
  record: ConfigurationRecord,
  content: { stateFolder: string; text: string; kept: number | null; changedAt: string },
): ConfigurationShow['secrets'] {
  const { stateFolder, text, kept, changedAt } = content;
  const earlier = record.versions
    .filter(({ number }) => kept === null || number < kept)
    .map((version) => ({
      at: version.keptAt,
      marks: markSecrets(record, openVersion(stateFolder, version)),
    }));
  const at = record.versions.find(({ number }) => number === kept)?.keptAt ?? changedAt;
  const contents = [...earlier, { at, marks: markSecrets(record, text) }];
  return [...(contents.at(-1)?.marks ?? [])].slice(0, maxSecrets).map(([path, mark]) => {
    const before = contents.findLastIndex(({ marks }) => marks.get(path) !== mark);
    return { path, mark, setAt: before === -1 ? null : (contents[before + 1]?.at ?? null) };
  });
}

/** What was changed in the file without the commands. Without the content that they installed, no key is named. */
export function findDrift(
  record: ConfigurationRecord,
  { stateFolder, file }: { stateFolder: string; file: ConfigurationFile },
): ConfigurationShow['drift'] {
  const { appliedDigest } = record;
  if (appliedDigest === null || appliedDigest === digestOf(record, file.text)) return null;
  const applied = record.versions.findLast(({ digest }) => digest === appliedDigest);
  return {
    changedAt: file.changedAt,
    changes: applied === undefined ? [] : compareConfigurations(openVersion(stateFolder, applied), file.text),
  };
}
