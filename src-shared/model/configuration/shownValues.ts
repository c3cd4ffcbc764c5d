import { z } from 'zod';
import { formatYamlPath } from '../../base/boundedYaml.ts';
import { isSecretValue, secretMask } from './configurationKeys.ts';
import { readConfiguration } from './configurationYaml.ts';

const maxValues = 1000;
const maxShown = 200;

/** The values of a configuration as texts, secrets masked. */
export const shownValuesSchema = z
  .array(z.object({ path: z.string().max(2048), value: z.string().max(maxShown) }))
  .max(maxValues);
export type ShownValues = z.infer<typeof shownValuesSchema>;

/** A value as text, masked if it is a secret. */
export function showValue(path: readonly (string | number)[], value: unknown): string {
  return isSecretValue(path, value) ? secretMask : String(value).slice(0, maxShown);
}

/** Whether a shown value may be only the beginning of the value. */
export const isCut = (shown: string): boolean => shown.length >= maxShown;

/** Null if there are more values than a comparison needs. */
export function listShownValues(text: string): ShownValues | null {
  const { values } = readConfiguration(text);
  if (values.length > maxValues) return null;
  return values.map(({ path, value }) => ({
    path: formatYamlPath(path).slice(0, 2048),
    value: showValue(path, value),
  }));
}
