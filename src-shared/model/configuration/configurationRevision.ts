import { isCollection, isScalar } from 'yaml';
import type { ConfigurationRevision } from '../licence/licence.ts';
import { readConfiguration, type ConfigurationProblem } from './configurationYaml.ts';

/**
 * Applies the changed keys of a revision and keeps comments, order and all other values. The text is null if there are
 * problems.
 */
export function applyRevision(
  text: string,
  { set }: ConfigurationRevision,
): { text: string | null; problems: readonly ConfigurationProblem[] } {
  const read = readConfiguration(text);
  if (read.problems.length > 0) return { text: null, problems: read.problems };
  const document = read.document.clone();
  const problems: ConfigurationProblem[] = [];
  for (const [path, value] of Object.entries(set)) {
    const parts = path.split('.');
    const parents = parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1));
    const blocking = parents.find((parent) => {
      const node = document.getIn(parent, true);
      return node != null && !isCollection(node) && document.getIn(parent) !== null;
    });
    if (blocking !== undefined) {
      problems.push({ path, message: `can’t be set, because ${blocking.join('.')} is a single value` });
      continue;
    }
    for (const parent of parents)
      if (document.getIn(parent) === null && value !== null) document.setIn(parent, document.createNode({}));
    const present = document.getIn(parts, true);
    // These are of the old number, and the new one would be written with them.
    if (isScalar(present))
      for (const part of ['source', 'format', 'minFractionDigits'] as const) delete present[part];
    if (value === null) document.deleteIn(parts);
    else document.setIn(parts, value);
  }
  if (problems.length > 0) return { text: null, problems };
  const next = document.toString({ lineWidth: 0 });
  const checked = readConfiguration(next).problems;
  return checked.length > 0 ? { text: null, problems: checked } : { text: next, problems };
}
