import { findYamlOffset, formatYamlPath, type YamlValue } from '../../../src-shared/base/boundedYaml.ts';
import type { LookAlike } from '../../../src-shared/base/lookAlikes.ts';
import {
  configurationKeys,
  isSecretValue,
  secretMask,
} from '../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { EditorFix } from '../../ui/editor/editorTypes.ts';

/** A longer value makes no title of a button. */
const maxTitle = 40;

/** Whether a known key has a value of the wrong form. */
function isWrong({ path, value }: YamlValue): boolean {
  const name = formatYamlPath(path);
  const facts = Object.hasOwn(configurationKeys, name) ? configurationKeys[name] : undefined;
  return facts !== undefined && !facts.schema.safeParse(value).success;
}

const valuesAt = (text: string, path: string) =>
  readConfiguration(text).values.filter((value) => formatYamlPath(value.path) === path);

/** Restores the value that the appliance has now. */
export function fixValue(text: string, present: string, value: YamlValue): EditorFix | null {
  const { path, from, to } = value;
  const name = formatYamlPath(path);
  const [own] = valuesAt(present, name);
  if (own === undefined || !isWrong(value) || isWrong(own) || valuesAt(text, name).length > 1) return null;
  const written = present.slice(own.from, own.to);
  if (written === '' || written.includes('\n')) return null;
  const space = from === to && !/\s/u.test(text.charAt(from - 1)) ? ' ' : '';
  const isShown = !isSecretValue(path, own.value) && written.length <= maxTitle;
  return {
    title: isShown ? `Use ${written}` : 'Use the present value',
    edits: [{ from, to, text: `${space}${written}` }],
  };
}

/** Completes a mask of which a part was typed over, so that it keeps the secret. */
export function fixMask(present: string, { path, value, from, to }: YamlValue): EditorFix | null {
  const name = formatYamlPath(path);
  if (valuesAt(present, name).length === 0 || value === secretMask) return null;
  return { title: 'Keep the present secret', edits: [{ from, to, text: `"${secretMask}"` }] };
}

/** Corrects the one part of a key's name that differs from the known name. */
export function fixName(text: string, { path }: YamlValue, known: string | null): EditorFix | null {
  if (known === null) return null;
  const parts = known.split('.');
  const wrong = path.flatMap((part, at) => (part === parts[at] ? [] : [at]));
  const [at] = wrong;
  if (parts.length !== path.length || at === undefined || wrong.length > 1) return null;
  const [written, name] = [path[at], parts[at]];
  const from = findYamlOffset(readConfiguration(text).document, path.slice(0, at + 1));
  if (typeof written !== 'string' || name === undefined) return null;
  const to = from + written.length;
  // A quoted name begins with its quote.
  if (text.slice(from, to) !== written) return null;
  return { title: `Rename to ${name}`, edits: [{ from, to, text: name }] };
}

/** Replaces a character by the one that its author certainly meant. */
export function fixLookAlike({ at, character, plain }: LookAlike): EditorFix | null {
  if (plain === null) return null;
  const title = plain === '' ? 'Remove it' : plain === ' ' ? 'Write a space' : `Write ${plain}`;
  return { title, edits: [{ from: at, to: at + character.length, text: plain }] };
}
