import { isMap, isPair, isScalar, visit, type Document } from 'yaml';
import {
  formatYamlPath,
  lineOf,
  readBoundedYaml,
  type BoundedYaml,
  type YamlPath,
} from '../../base/boundedYaml.ts';
import { shorten } from '../../base/machineText.ts';
import { findEncodingFault } from '../../base/textEncoding.ts';
import { configurationKeys, configurationSchema, isSecretName } from './configurationKeys.ts';
import { maxConfigurationBytes } from './configurationLimits.ts';

const maxProblems = 20;
const maxShownPath = 256;

/** What is wrong with a configuration. `path` is empty if the whole file is meant. Never quotes a value. */
export type ConfigurationProblem = { path: string; message: string };

/** `problems`: a present file may have them and is still shown. If it is broken, secrets can't be found in it. */
export type ReadConfiguration = Omit<BoundedYaml, 'problems'> & { problems: readonly ConfigurationProblem[] };

const nameProblem = ({ path, message }: { path: YamlPath; message: string }): ConfigurationProblem => ({
  path: formatYamlPath(path),
  message,
});

/** The last texts that were read: an editor asks several questions about the same one. */
const recent = new Map<string, ReadConfiguration>();
const maxRecent = 4;

/**
 * Reads a configuration with bounds of size, depth and number. Never throws, and never quotes a value. Don't change the
 * result, because other callers get it too.
 */
export function readConfiguration(text: string): ReadConfiguration {
  const known = recent.get(text) ?? readNow(text);
  recent.delete(text);
  recent.set(text, known);
  const [oldest] = recent.keys();
  if (recent.size > maxRecent && oldest !== undefined) recent.delete(oldest);
  return known;
}

function readNow(text: string): ReadConfiguration {
  const encoding = findEncodingFault(text);
  if (encoding !== null)
    return {
      ...readBoundedYaml('', 0),
      problems: [{ path: '', message: encoding.message }],
      isBroken: true,
      isOpaque: true,
    };
  const yaml = readBoundedYaml(text, maxConfigurationBytes);
  const place = yaml.brokenAt === null ? 'the file' : `line ${lineOf(text, yaml.brokenAt)}`;
  const problems = yaml.problems.map((problem) =>
    nameProblem(yaml.isBroken ? { path: [], message: `${place} ${problem.message}` } : problem),
  );
  const secretNames = yaml.isBroken ? [] : findSecretNames(yaml.document);
  if (secretNames.length > 0)
    return { ...yaml, values: [], empty: [], problems: secretNames, isOpaque: true };
  if (problems.length === 0) problems.push(...checkKeys(yaml.document));
  return { ...yaml, problems };
}

/** The keys below which a name may be a secret. The name itself is not quoted. */
function findSecretNames(document: Document): ConfigurationProblem[] {
  const found = new Set<string>();
  visit(document, {
    Pair: (_key, { key }, ancestors) => {
      const parents = ancestors.flatMap((node) =>
        isPair(node) && isScalar(node.key) ? String(node.key.value) : [],
      );
      if (!isScalar(key) || !isSecretName(String(key.value), parents)) return;
      found.add(shorten(formatYamlPath(parents), maxShownPath));
      return visit.SKIP;
    },
  });
  const message = 'has a key whose name may be a secret, and names can’t be hidden; make the secret a value';
  return [...found].slice(0, maxProblems).map((path) => ({ path, message }));
}

function checkKeys(document: Document): ConfigurationProblem[] {
  if (!isMap(document.contents)) return [{ path: '', message: 'the file is not a map of keys' }];
  const parsed = configurationSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  return (parsed.error?.issues ?? []).slice(0, maxProblems).map((issue) => {
    const path = formatYamlPath(issue.path.map((part) => (typeof part === 'number' ? part : String(part))));
    return { path, message: `must be ${configurationKeys[path]?.form ?? 'keys with values'}` };
  });
}
