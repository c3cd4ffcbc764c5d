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

/** A content, masked or not. `marks`: what identifies the secret behind a mask, by path. */
export type MarkedText = { text: string; marks: ReadonlyMap<string, string> };

/** A content as the appliance shows it. */
export const markedTextOf = (shown: {
  text: string;
  secrets: readonly { path: string; mark: string }[];
}): MarkedText => ({
  text: shown.text,
  marks: new Map(shown.secrets.map(({ path, mark }) => [path, mark])),
});

/** Longer values are cut. */
const maxShown = 200;
const maxChanges = 500;

function flatten({ text, marks }: MarkedText): Map<string, { shown: string; value: unknown }> {
  return new Map(
    readConfiguration(text).values.map(({ path, value }) => {
      const name = formatYamlPath(path);
      const isMask = typeof value === 'string' && value.trim() === secretMask;
      return [
        name,
        {
          value: isMask ? (marks.get(name) ?? secretMask) : value,
          shown: isSecretValue(path, value) ? secretMask : String(value).slice(0, maxShown),
        },
      ];
    }),
  );
}

const marked = (text: string | MarkedText): MarkedText =>
  typeof text === 'string' ? { text, marks: new Map() } : text;

/**
 * The values that differ between two configurations. Secrets are masked; a changed secret is still listed. Without
 * marks, two masks are the same secret.
 */
export function compareConfigurations(
  before: string | MarkedText,
  after: string | MarkedText,
): ConfigurationChange[] {
  const [old, next] = [flatten(marked(before)), flatten(marked(after))];
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
