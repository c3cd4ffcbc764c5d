import { AppError } from '../../errors.ts';
import { formatYamlPath } from '../../base/boundedYaml.ts';
import { isSecretValue, secretMask } from './configurationKeys.ts';
import { readConfiguration } from './configurationYaml.ts';
import { restoreKey } from './restoreKey.ts';

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

/**
 * The paths of the keys in `keys`, a part of a configuration. Throws INVALID_INPUT if it can't be read, has none, or has a
 * value that may be a secret.
 */
export function listSetKeys(keys: string): string[] {
  const { values, empty, problems, isOpaque } = readConfiguration(keys);
  const [problem] = problems;
  if (problem !== undefined)
    refuse(`The keys can’t be used: ${`${problem.path} ${problem.message}`.trim()}.`);
  if (isOpaque || values.length === 0) refuse('The file has no keys to set.');
  const [unset] = empty;
  if (unset !== undefined)
    refuse(`${formatYamlPath(unset.path) || 'The file'} has no keys or items, so it can’t be set.`);
  for (const { path, value } of values)
    if (isSecretValue(path, value) || String(value).includes(secretMask))
      refuse(
        `${formatYamlPath(path)} may be a secret. Set secrets on each appliance, because a run is kept with its keys.`,
      );
  return values.map(({ path }) => formatYamlPath(path));
}

/**
 * The configuration `text` with each key of `keys` as there; all else stays byte for byte. Throws INVALID_INPUT like
 * `listSetKeys`, and if a key can’t be set without another change.
 */
export function setKeys(text: string, keys: string): string {
  return listSetKeys(keys).reduce(
    (merged, path) =>
      restoreKey(merged, keys, path) ??
      refuse(`${path} can’t be set without another change of the file. Edit it on this appliance.`),
    text,
  );
}
