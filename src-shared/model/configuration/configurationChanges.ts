import { formatYamlPath } from '../../base/boundedYaml.ts';
import { isSecretValue, secretMask } from './configurationKeys.ts';
import { readConfiguration } from './configurationYaml.ts';

export type ConfigurationChange = {
  path: string;
  kind: 'added' | 'removed' | 'changed';
  /** The value as text, masked if it is a secret. Null if the value is absent. */
  before: string | null;
  after: string | null;
};

/** Longer values are cut. */
const maxShown = 200;
const maxChanges = 500;

function flatten(text: string): Map<string, { shown: string; value: unknown }> {
  return new Map(
    readConfiguration(text).values.map(({ path, value }) => [
      formatYamlPath(path),
      { value, shown: isSecretValue(path, value) ? secretMask : String(value).slice(0, maxShown) },
    ]),
  );
}

/** The values that differ between two configurations. Secrets are masked; a changed secret is still listed. */
export function compareConfigurations(before: string, after: string): ConfigurationChange[] {
  const [old, next] = [flatten(before), flatten(after)];
  const paths = [...new Set([...old.keys(), ...next.keys()])];
  return paths
    .flatMap((path): ConfigurationChange[] => {
      const [was, is] = [old.get(path), next.get(path)];
      if (was !== undefined && is !== undefined && was.value === is.value) return [];
      return [
        {
          path,
          kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
          before: was?.shown ?? null,
          after: is?.shown ?? null,
        },
      ];
    })
    .slice(0, maxChanges);
}
