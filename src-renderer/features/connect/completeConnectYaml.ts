import { asSentence } from '../../../src-shared/base/sentence.ts';
import { destinationOf } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import {
  connectYamlKeys,
  connectYamlMeanings,
} from '../../../src-shared/model/connectYaml/connectYamlValues.ts';
import {
  repositoryServiceNames,
  repositoryServices,
  type RepositoryService,
} from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import type { EditorCompletion, EditorHelp } from '../../ui/editor/editorTypes.ts';

/** The keys of a connect.yaml at the start of a line, and the services of a repository's address. */
export function completeConnectYaml(text: string, offset: number): EditorCompletion | null {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/^\w*$/u.test(before)) {
    const options = connectYamlKeys
      .filter((key) => !new RegExp(`^${key}:`, 'mu').test(text))
      .map((key) => ({
        label: key,
        insert: key === 'repositories' ? `${key}:\n  ` : `${key}: `,
        detail: '',
        meaning: asSentence(connectYamlMeanings[key]),
      }));
    return options.length === 0 ? null : { from: offset - before.length, options };
  }
  const [, service] = /^ +[^:\s]+:[ \t]+["']?(\w*)$/u.exec(before) ?? [];
  if (service === undefined) return null;
  const options = repositoryServiceNames.map((name) => ({
    label: name,
    insert: Object.hasOwn(repositoryServices[name].usualPorts, '') ? `${name}://` : `${name}+https://`,
    detail: repositoryServices[name].label,
    meaning: '',
  }));
  return { from: offset - service.length, options };
}

/** The usual ports of a service, e.g. `http 80, https 443`. */
function listUsualPorts(service: RepositoryService): string {
  return Object.entries(repositoryServices[service].usualPorts)
    .map(([scheme, port]) => `${scheme} ${port}`.trim())
    .join(', ');
}

/** What a line means: a key of the file, or a repository with its service. */
export function helpInConnectYaml(text: string, offset: number): EditorHelp | null {
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const range = { from, to: end === -1 ? text.length : end };
  const line = text.slice(range.from, range.to);
  const key = connectYamlKeys.find((name) => line.startsWith(`${name}:`));
  if (key !== undefined) return { ...range, title: key, text: asSentence(connectYamlMeanings[key]) };
  const [, name, uri] = /^ +([^\s:]+):[ \t]+["']?([^\s"'#]+)/u.exec(line) ?? [];
  const service = uri === undefined ? undefined : destinationOf(uri)?.service;
  if (name === undefined || service === undefined) return null;
  const { label, minVersions } = repositoryServices[service];
  return {
    ...range,
    title: name,
    text: `A repository of ${label}. Usual port: ${listUsualPorts(service)}. Needs an appliance of version ${minVersions.appliance} or later.`,
  };
}
