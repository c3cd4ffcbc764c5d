import { formatYamlPath } from '../../../src-shared/base/boundedYaml.ts';
import {
  configurationKeys,
  listConfigurationValues,
} from '../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import type { EditorCompletion, EditorHelp } from '../../ui/editor/editorTypes.ts';
import { keyAt } from './checkDraft.ts';

/** The names of the maps around a line, from the indentation, so that it also works in unfinished YAML. */
function parentsOf(text: string, lineFrom: number, indent: number): string[] {
  const parents: string[] = [];
  let least = indent;
  for (const line of text.slice(0, lineFrom).split('\n').toReversed()) {
    const [, spaces, name] = /^( *)([\w-]+):/u.exec(line) ?? [];
    if (spaces === undefined || name === undefined || spaces.length >= least) continue;
    parents.unshift(name);
    least = spaces.length;
    if (least === 0) break;
  }
  return parents;
}

type Option = EditorCompletion['options'][number];

/** The known keys below some parents, without those that the text has already. */
function listKeys(text: string, parents: readonly string[], indent: string): Option[] {
  const prefix = parents.length === 0 ? '' : `${parents.join('.')}.`;
  const present = new Set(
    readConfiguration(text).values.flatMap(({ path }) =>
      path.map((_part, at) => formatYamlPath(path.slice(0, at + 1))),
    ),
  );
  const options = new Map<string, Option>();
  for (const [name, { meaning, form, isSecret }] of Object.entries(configurationKeys)) {
    if (!name.startsWith(prefix)) continue;
    const [label = '', ...below] = name.slice(prefix.length).split('.');
    const isGroup = below.length > 0;
    if (options.has(label) || present.has(`${prefix}${label}`)) continue;
    options.set(label, {
      label,
      insert: isGroup ? `${label}:\n${indent}  ` : `${label}: `,
      detail: isGroup ? 'keys' : form,
      meaning: isGroup ? '' : `${asSentence(meaning)}${isSecret ? ' It is a secret.' : ''}`,
    });
  }
  return [...options.values()];
}

/** The known keys or values that fit at an offset. */
export function completeDraft(text: string, offset: number): EditorCompletion | null {
  const lineFrom = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineFrom, offset);
  const [, indent, typed] = /^( *)([\w-]*)$/u.exec(before) ?? [];
  if (indent !== undefined && typed !== undefined) {
    const options = listKeys(text, parentsOf(text, lineFrom, indent.length), indent);
    return options.length === 0 ? null : { from: offset - typed.length, options };
  }
  const [, spaces, key, value] = /^( *)([\w-]+): +(\w*)$/u.exec(before) ?? [];
  if (spaces === undefined || key === undefined || value === undefined) return null;
  const name = [...parentsOf(text, lineFrom, spaces.length), key].join('.');
  const options = listConfigurationValues(name).map((choice) => ({
    label: choice,
    insert: choice,
    detail: '',
    meaning: configurationKeys[name]?.meaning ?? '',
  }));
  return options.length === 0 ? null : { from: offset - value.length, options };
}

/** What is known about the key at an offset, for the pop-up of the editor. */
export function helpInDraft(text: string, offset: number): EditorHelp | null {
  const help = keyAt(text, offset);
  if (help === null) return null;
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const about =
    help.meaning === null
      ? 'Unknown key. It is kept and not checked.'
      : `${asSentence(help.meaning)} Must be ${help.form ?? ''}.`;
  return { from, to: end === -1 ? text.length : end, title: help.path, text: about };
}
