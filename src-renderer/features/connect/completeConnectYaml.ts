import { connectYamlKeys } from '../../../src-shared/model/connectYaml/connectYamlValues.ts';
import {
  repositoryServiceNames,
  repositoryServices,
} from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import type { EditorCompletion } from '../../ui/editor/editorTypes.ts';

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
        meaning: '',
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
