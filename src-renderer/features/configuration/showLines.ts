import { lineOf, formatYamlPath } from '../../../src-shared/base/boundedYaml.ts';
import type {
  ConfigurationChange,
  MarkedText,
} from '../../../src-shared/model/configuration/configurationChanges.ts';
import { secretMask } from '../../../src-shared/model/configuration/configurationKeys.ts';
import { maskConfiguration } from '../../../src-shared/model/configuration/configurationSecrets.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';

/** The text as it may be shown: secrets masked, and those that `changes` replaces noted. Null if it is no YAML. */
export function showLines({ text }: MarkedText, changes: readonly ConfigurationChange[] = []): string | null {
  const masked = maskConfiguration(text);
  if (masked === null) return null;
  const replaced = new Set(
    changes.flatMap(({ path, before, after }) =>
      before === secretMask && after === secretMask ? [path] : [],
    ),
  );
  const noted = new Set(
    readConfiguration(masked)
      .values.filter(({ path }) => replaced.has(formatYamlPath(path)))
      .map(({ from }) => lineOf(masked, from)),
  );
  return masked
    .split('\n')
    .map((line, at) => (noted.has(at + 1) ? `${line}  (another secret)` : line))
    .join('\n');
}
